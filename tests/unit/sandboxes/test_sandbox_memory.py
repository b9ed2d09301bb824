"""Memory that no process maps, seen through the control group of L4."""

from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.sandboxes import (
    Bubblewrap,
    Command,
    EndedBy,
    Level,
    Limits,
    Namespaces,
    Sandbox,
    execute,
)
from filial.sandboxes.selftest import probes

_HIDDEN = {
    "memory file": """
import os
file = os.memfd_create("x")
for _ in range(COUNT): os.write(file, b"x" * (1 << 20))
""",
    "System V segment": """
import ctypes
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
libc.shmdt.argtypes = (ctypes.c_void_p,)
for _ in range(COUNT):
    segment = libc.shmget(0, 1 << 20, 0o600)
    address = libc.shmat(segment, None, 0)
    ctypes.memset(address, 1, 1 << 20)
    libc.shmdt(address)
""",
    "file of a scratch file system": """
import os
file = os.open("/dev/shm/x", os.O_RDWR | os.O_CREAT)
for _ in range(COUNT): os.write(file, b"x" * (1 << 20))
os.unlink("/dev/shm/x")
""",
}


@pytest.fixture(params=[Namespaces, Bubblewrap])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    try:
        made: Sandbox = request.param(Level.L4)
    except SandboxError as error:
        pytest.skip(str(error))
    failed = [row for row in probes(made) if row.is_failure]
    if failed:
        pytest.skip(str(failed))
    return made


@pytest.mark.parametrize("kind", _HIDDEN)
def test_memory_that_nobody_maps_counts(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    program = _HIDDEN[kind].replace("COUNT", "40") + "import time; time.sleep(0.2)"
    outcome = execute(sandbox, Command(argv=("python", "-c", program), code=tmp_path))
    assert outcome.ended_by is EndedBy.EXIT
    assert outcome.rc == 0, outcome.stderr
    assert 40 << 20 <= outcome.memory_peak_bytes < 100 << 20


@pytest.mark.parametrize("kind", _HIDDEN)
def test_memory_that_nobody_maps_is_limited(sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    program = _HIDDEN[kind].replace("COUNT", "400") + "import time; time.sleep(60)"
    limits = Limits(memory_bytes=128 << 20, wall_s=30.0)
    command = Command(argv=("python", "-c", program), code=tmp_path, limits=limits)
    assert execute(sandbox, command).ended_by is EndedBy.MEMORY


def test_shortest_program_has_a_peak(sandbox: Sandbox, tmp_path: Path) -> None:
    outcome = execute(sandbox, Command(argv=("python", "-c", "pass"), code=tmp_path))
    assert outcome.memory_peak_bytes > 1 << 20
