"""The filter is run by a small interpreter of the instructions it may contain."""

import errno
import struct

import pytest

from filial.errors import SandboxError
from filial.sandboxes import seccomp

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000


def decide(program: bytes, arch: int, call: int, *arguments: int) -> int:
    """What the kernel would return for one system call."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=iIQ6Q", call, arch, 0, *padded)
    value, position = 0, 0
    while True:
        code, yes, no, operand = struct.unpack_from("=HBBI", program, position * 8)
        position += 1
        if code == 0x20:
            (value,) = struct.unpack_from("=I", data, operand)
        elif code == 0x06:
            return int(operand)
        else:
            holds = {0x15: value == operand, 0x35: value >= operand, 0x45: bool(value & operand)}
            position += yes if holds[code] else no


@pytest.fixture
def x86() -> bytes:
    return seccomp.build(machine="x86_64")


@pytest.mark.parametrize(("machine", "arch"), [("x86_64", X86_64), ("aarch64", AARCH64)])
@pytest.mark.parametrize(
    ("name", "numbers", "arguments", "expected"),
    [
        ("read", (0, 63), (), ALLOW),
        ("execve", (59, 221), (), ALLOW),
        ("ptrace", (101, 117), (), ERROR | errno.EPERM),
        ("bpf", (321, 280), (), ERROR | errno.EPERM),
        ("io_uring_setup", (425, 425), (), ERROR | errno.EPERM),
        ("clone3", (435, 435), (), ERROR | errno.ENOSYS),
        ("socket AF_UNIX", (41, 198), (1,), ALLOW),
        ("socket AF_INET", (41, 198), (2,), ERROR | errno.EAFNOSUPPORT),
        ("socket AF_VSOCK", (41, 198), (40,), ERROR | errno.EAFNOSUPPORT),
        ("socketpair AF_UNIX", (53, 199), (1,), ALLOW),
        ("clone of a thread", (56, 220), (0x003D0F00,), ALLOW),
        ("clone with NEWUSER", (56, 220), (0x10000011,), ERROR | errno.EPERM),
        ("clone with NEWNET", (56, 220), (0x40000011,), ERROR | errno.EPERM),
        ("own prlimit", (302, 261), (0,), ALLOW),
        ("foreign prlimit", (302, 261), (4711,), ERROR | errno.EPERM),
        ("ioctl TCGETS", (16, 29), (0, 0x5401), ALLOW),
        ("ioctl TIOCSTI", (16, 29), (0, 0x5412), ERROR | errno.EPERM),
        ("ioctl TIOCLINUX", (16, 29), (0, 0x541C), ERROR | errno.EPERM),
        ("fchmod", (91, 52), (3,), ALLOW),
    ],
)
def test_decision(
    machine: str,
    arch: int,
    name: str,
    numbers: tuple[int, int],
    arguments: tuple[int, ...],
    expected: int,
) -> None:
    number = numbers[machine == "aarch64"]
    assert decide(seccomp.build(machine=machine), arch, number, *arguments) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (41, ERROR | errno.EPERM),  # socket, whatever its family
        (29, ERROR | errno.EPERM),  # shmget
        (203, ERROR | errno.EPERM),  # sched_setaffinity
        (53, ALLOW),  # socketpair
        (91, ALLOW),  # fchmod
    ],
)
def test_shared_host_forbids_what_namespaces_would_hold(number: int, expected: int) -> None:
    program = seccomp.build(shared_host=True, machine="x86_64")
    assert decide(program, X86_64, number, 1) == expected


def test_changes_of_modes_can_be_made_to_do_nothing() -> None:
    program = seccomp.build(metadata=False, machine="x86_64")
    assert decide(program, X86_64, 91) == ERROR


def test_calls_of_another_architecture_kill(x86: bytes) -> None:
    i386 = 0x40000003
    assert decide(x86, i386, 0) == KILL


def test_x32_calls_do_not_exist(x86: bytes) -> None:
    assert decide(x86, X86_64, 0x40000000 + 59) == ERROR | errno.ENOSYS


def test_every_program_is_short_enough_for_the_kernel() -> None:
    for machine in ("x86_64", "aarch64"):
        program = seccomp.build(shared_host=True, metadata=False, machine=machine)
        assert len(program) // 8 <= 4096


def test_unknown_architecture_is_refused() -> None:
    with pytest.raises(SandboxError, match="riscv64"):
        seccomp.build(machine="riscv64")
