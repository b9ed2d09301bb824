"""Which system calls a candidate may make, as a classic BPF program for the kernel.

A deny list: what no training code needs and what kernels have been broken through. Everything
else is left to the other layers, so that ordinary numerical code runs unchanged.

Source: Linux ``Documentation/userspace-api/seccomp_filter.rst``; numbers from the kernel's
``unistd`` tables of the two architectures.

What this does not cover: bugs in the system calls that stay allowed.
"""

import errno
import platform
import struct

from filial.errors import SandboxError

# name: (x86-64, aarch64); None where the architecture has no such call.
_FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # mounts, roots and namespaces
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    # the kernel and the machine
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "memfd_secret": (447, 447),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    # files by number, and devices
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "fanotify_init": (300, 262),
    # The files that every sandbox shows are the same files: locks on them, and news of their use,
    # would let candidates that run at the same time talk to each other.
    "flock": (73, 32),
    # Which pages of a shown file are cached is a message to whoever looks next.
    "mincore": (27, 232),
    "cachestat": (451, 451),
    "preadv2": (327, 286),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
}

# Forbidden besides where the candidate shares the host's namespaces.
_FORBIDDEN_ON_SHARED_HOST: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}

# These change files without opening them for writing. Where they may not, they succeed without
# effect, so that copying a file with its mode still works. Times are harmless, and a call that
# seemed to set them would tell `touch` that a missing file exists.
_METADATA: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
}

_MACHINES = ("x86_64", "aarch64")
_AUDIT_ARCH = (0xC000003E, 0xC00000B7)
_SOCKET = (41, 198)
_SOCKETPAIR = (53, 199)
_CLONE = (56, 220)
_IOCTL = (16, 29)
_PRLIMIT = (302, 261)
_FCNTL = (72, 25)
# F_GETLK, F_SETLK, F_SETLKW, the same for open file descriptions, F_SETLEASE, F_NOTIFY.
_LOCKING = (5, 6, 7, 36, 37, 38, 1024, 1026)
_CLONE3 = 435
_X32 = 0x40000000
_AF_UNIX = 1
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
# Immutable files could not be removed by us either: FS_IOC_SETFLAGS, its 32-bit form, FSSETXATTR.
_REQUESTS = (_TIOCSTI, _TIOCLINUX, 0x40086602, 0x40046602, 0x401C5820)
# NEWTIME is left out: it shares its bit with the exit signal of the old clone call.
_NEW_NAMESPACES = 0x7E020000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCH, _ARG0, _ARG1 = 0, 4, 16, 24


def build(
    *, shared_host: bool = False, metadata: bool = True, machine: str | None = None
) -> bytes:
    """Returns the filter as an array of ``struct sock_filter``.

    Args:
        shared_host: Whether the candidate will share the host's network, IPC and file
            namespaces. Then ``socket`` is forbidden altogether (pairs remain), as are System V
            objects and calls that change other processes.
        metadata: Whether changes of mode, owner and attributes of files take effect;
            otherwise they seem to succeed.
        machine: ``"x86_64"`` or ``"aarch64"``; by default the machine that runs this.

    Raises:
        SandboxError: The architecture is not one of the two.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES:
        raise SandboxError(f"no system call filter for {machine}: run on x86-64 or aarch64 Linux")
    which = _MACHINES.index(machine)
    program = [_op(_LOAD, _ARCH), _op(_EQUAL, _AUDIT_ARCH[which], yes=1), _op(_RETURN, _KILL)]
    program.append(_op(_LOAD, _NUMBER))
    if machine == "x86_64":
        program += [_op(_AT_LEAST, _X32, no=1), _refuse(errno.ENOSYS)]
    # The flags of clone3 lie in memory, out of a filter's sight; the C library falls back.
    program += _on(_CLONE3, _refuse(errno.ENOSYS))
    program += _table(_FORBIDDEN, which, errno.EPERM)
    if shared_host:
        program += _table(_FORBIDDEN_ON_SHARED_HOST, which, errno.EPERM)
    if not metadata:
        program += _table(_METADATA, which, 0)
    for call in (_SOCKET[which], _SOCKETPAIR[which]):
        only_unix = [_op(_LOAD, _ARG0), _op(_EQUAL, _AF_UNIX, yes=1)]
        program += _on(call, *only_unix, _refuse(errno.EAFNOSUPPORT), _op(_RETURN, _ALLOW))
    no_namespace = [_op(_LOAD, _ARG0), _op(_ANY_BIT, _NEW_NAMESPACES, no=1)]
    program += _on(_CLONE[which], *no_namespace, _refuse(errno.EPERM), _op(_RETURN, _ALLOW))
    own_limits = [_op(_LOAD, _ARG0), _op(_EQUAL, 0, yes=1)]
    program += _on(_PRLIMIT[which], *own_limits, _refuse(errno.EPERM), _op(_RETURN, _ALLOW))
    requests = [_op(_LOAD, _ARG1)]
    for request in _REQUESTS:
        requests += [_op(_EQUAL, request, no=1), _refuse(errno.EPERM)]
    program += _on(_IOCTL[which], *requests, _op(_RETURN, _ALLOW))
    locking = [_op(_LOAD, _ARG1)]
    for command in _LOCKING:
        locking += [_op(_EQUAL, command, no=1), _refuse(errno.EPERM)]
    program += _on(_FCNTL[which], *locking, _op(_RETURN, _ALLOW))
    program.append(_op(_RETURN, _ALLOW))
    return b"".join(program)


def oci_profile(*, own_kernel: bool) -> dict[str, object]:
    """Returns the same rules, for namespaces of its own, in the form of the OCI runtime spec.

    Args:
        own_kernel: Whether the kernel inside is not the host's. ``clone3`` is let be then: gVisor
            refuses calls with no other error than EPERM, which keeps the C library from falling
            back, and no thread could start.
    """
    rules: list[dict[str, object]] = [
        _oci_rule([*_FORBIDDEN], errno.EPERM),
        _oci_rule(["socket", "socketpair"], errno.EAFNOSUPPORT, (0, _AF_UNIX, "SCMP_CMP_NE")),
        _oci_rule(["prlimit64"], errno.EPERM, (0, 0, "SCMP_CMP_NE")),
    ]
    if not own_kernel:
        rules.append(_oci_rule(["clone3"], errno.ENOSYS))
    # One bit at a time, and in the low half: the kernel looks at no more of these arguments.
    bits = [1 << bit for bit in range(32) if _NEW_NAMESPACES >> bit & 1]
    rules += [_oci_rule(["clone"], errno.EPERM, (0, bit, bit)) for bit in bits]
    for name, commands in (("ioctl", _REQUESTS), ("fcntl", _LOCKING)):
        rules += [_oci_rule([name], errno.EPERM, (1, 0xFFFFFFFF, command)) for command in commands]
    return {
        "defaultAction": "SCMP_ACT_ALLOW",
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"],
        "syscalls": rules,
    }


def _oci_rule(
    names: list[str], number: int, condition: tuple[int, int, int | str] | None = None
) -> dict[str, object]:
    """Refuses calls with an error number, if a condition holds.

    Args:
        names: Of the calls.
        number: The error.
        condition: Index of an argument, then a value and a comparison, or a mask and what must be
            left under it.
    """
    rule: dict[str, object] = {"names": names, "action": "SCMP_ACT_ERRNO", "errnoRet": number}
    match condition:
        case (index, value, str(comparison)):
            rule["args"] = [{"index": index, "value": value, "op": comparison}]
        case (index, mask, int(value)):
            masked = {"value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}
            rule["args"] = [{"index": index, **masked}]
    return rule


def _op(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _refuse(number: int) -> bytes:
    return _op(_RETURN, _ERROR | number)


def _on(call: int, *then: bytes) -> list[bytes]:
    """Runs ``then``, which must end in a return, if the call number is ``call``."""
    return [_op(_EQUAL, call, no=len(then)), *then]


def _table(
    calls: dict[str, tuple[int | None, int | None]], which: int, number: int
) -> list[bytes]:
    program = []
    for numbers in calls.values():
        call = numbers[which]
        if call is not None:
            program += _on(call, _refuse(number))
    return program
