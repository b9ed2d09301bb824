"""Level L2: Landlock, seccomp and limits around a process that shares the host's namespaces."""

import ctypes
import json
import os
import resource
import subprocess  # noqa: TID251 - the one place that starts candidates
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import seccomp, view
from filial.sandboxes.base import Command, Level
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.removal import remove_tree
from filial.sandboxes.streams import Channels, memory_file, open_channels, read_waiting

_LAUNCHER = Path(__file__).with_name("confine.py")
_CREATE_RULESET = 444
_VERSION = 1
_NEEDED_VERSION = 6
_READABLE = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Landlock:
    """Runs each command with access to its own folders and to nothing else it could change.

    The program sees real paths: FILIAL_CODE, FILIAL_OUT and FILIAL_DATA name its folders, and
    arguments that begin with ``/box``, ``/out``, ``/data`` or ``/in/NAME`` are rewritten. Its
    scratch folder lies in the host's temporary folder and goes with it.

    There are no sockets but pairs, no System V objects, no ``/dev/shm`` (so no locks of
    ``multiprocessing``), and changes of mode, owner and times of files have no effect.

    Raises:
        SandboxError: The kernel's Landlock is missing or too old to keep signals in.

    What this does not cover: names and sizes of the host's files, the number of processes
    between two readings where root is the caller, other users of the same folders, kernel bugs.
    """

    level: Level = Level.L2

    def __init__(self) -> None:
        version = _version()
        if version < _NEEDED_VERSION:
            raise SandboxError(
                f"Landlock version {_NEEDED_VERSION} (Linux 6.12) is needed; "
                f"this kernel has {version or 'none'}"
            )
        self._rules = seccomp.build(shared_host=True, metadata=False)

    def start(self, command: Command) -> WatchedProcess:
        """Starts ``command``.

        Raises:
            SandboxError: A folder is missing, or the restrictions could not be applied.
        """
        view.check(command)
        if command.masks:
            raise SandboxError(
                "this command hides part of what is visible, which needs level L3; Landlock "
                "cannot do that"
            )
        with ExitStack() as undo:
            try:
                process = WatchedProcess(self._launch(command, undo))
            except OSError as error:
                raise SandboxError(f"Landlock could not start: {error}") from error
            undo.pop_all()
            return process

    def _launch(self, command: Command, undo: ExitStack) -> Launched:
        started_s = time.monotonic()
        scratch = Path(tempfile.mkdtemp(prefix="filial-"))
        undo.callback(_remove, scratch)
        ours, theirs = open_channels(pipes=command.pipes)
        undo.callback(ours.close_all)
        watched, lifeline = os.pipe()
        undo.callback(os.close, lifeline)
        os.set_blocking(lifeline, False)
        plan = {**self._plan(command, scratch, theirs), "lifeline": watched}
        popen = _spawn(plan, theirs, watched)
        tree = _Subtree(popen, lifeline, scratch)
        undo.callback(tree.abandon)
        _await_program(ours)
        writable = (*view.writable(command), scratch)
        return Launched(
            pid=popen.pid,
            root=popen.pid,
            channels=ours,
            backend=tree,
            limits=command.limits,
            writable=writable,
            cgroup=None,
            started_s=started_s,
        )

    def _plan(self, command: Command, scratch: Path, theirs: Channels) -> dict[str, object]:
        places = view.Places(
            code=command.code.resolve(),
            out=(command.out or scratch).resolve(),
            data=(command.data or scratch).resolve(),
            scratch=scratch,
        )
        limits = view.rlimits(command.limits)
        limits[resource.RLIMIT_NPROC] = (_room_for_tasks(command.limits.processes),) * 2
        return {
            "status": theirs.status,
            "keep": theirs.data_ends(),
            "argv": view.relocate(view.argv(command), command, places),
            "environment": view.environment(command, places, theirs.data_ends()),
            "cwd": str(places.code),
            "scratch": str(scratch),
            "paths": _paths(command, scratch),
            "rlimits": [(kind, *both) for kind, both in limits.items()],
            "seccomp": self._rules.hex(),
        }


class _Subtree:
    """The tree below one launcher, which kills it when told so."""

    def __init__(self, popen: "subprocess.Popen[bytes]", lifeline: int, scratch: Path) -> None:
        self._popen = popen
        self._lifeline = lifeline
        self._scratch = scratch

    def stop(self) -> None:
        with suppress(BrokenPipeError, BlockingIOError):
            os.write(self._lifeline, b"x")

    def abandon(self) -> None:
        self.stop()
        self._popen.wait()

    def close(self) -> None:
        # Reaped by its process id, behind the object's back.
        self._popen.returncode = 0
        os.close(self._lifeline)
        _remove(self._scratch)


@cache
def _version() -> int:
    """The kernel's version of Landlock; 0 for none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


def _spawn(plan: dict[str, object], theirs: Channels, watched: int) -> "subprocess.Popen[bytes]":
    file = memory_file(json.dumps(plan).encode())
    passed = [file, watched, theirs.status, *theirs.data_ends()]
    try:
        return subprocess.Popen(  # noqa: S603 - starting untrusted programs is the point
            [sys.executable, "-I", "-S", "-B", str(_LAUNCHER), str(file)],
            stdin=subprocess.DEVNULL,
            stdout=theirs.stdout,
            stderr=theirs.stderr,
            env={},
            pass_fds=passed,
            start_new_session=True,
        )
    finally:
        os.close(file)
        os.close(watched)
        theirs.close_all()


def _await_program(ours: Channels) -> None:
    """Waits until the program has been reached.

    Raises:
        SandboxError: The launcher failed; its own words say why.
    """
    report = b""
    while part := os.read(ours.status, 4096):
        report += part
    ours.close("status")
    if report != b"ok":
        words = (report or read_waiting(ours.stderr)).decode(errors="replace").strip()
        raise SandboxError(f"Landlock could not start: {words or 'the launcher died'}")


def _paths(command: Command, scratch: Path) -> dict[str, list[str]]:
    """What may be listed, read, used as a device, and written."""
    read = [Path(path) for path in (*view.SYSTEM, *view.interpreter()) if path.exists()]
    read += [command.code, *command.inputs.values()]
    if command.data is not None:
        read.append(command.data)
    if command.out is not None and command.out_is_readonly:
        read.append(command.out)
    listed: list[Path] = []
    hidden = view.hidden()
    if hidden is not None:
        read, listed = _without(hidden, read)
    read += [Path(path) for path in _READABLE if Path(path).exists()]
    groups = {
        "list": listed,
        "read": read,
        "device": [Path(path) for path in _DEVICES],
        "write": [*view.writable(command), scratch],
    }
    return {kind: [str(path) for path in paths] for kind, paths in groups.items()}


def _without(hidden: Path, paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """Replaces a path that holds ``hidden`` by its entries, so that ``hidden`` can be left out.

    Returns:
        What may be read, and the folders that may only be listed.
    """
    read, listed, waiting = [], [], list(paths)
    while waiting:
        path = waiting.pop()
        if path.resolve() == hidden:
            continue
        if hidden.is_relative_to(path.resolve()):
            listed.append(path)
            waiting.extend(path.iterdir())
        else:
            read.append(path)
    return read, listed


def _room_for_tasks(processes: int) -> int:
    """The kernel's limit counts all tasks of the user on this machine."""
    running = 0
    if os.geteuid() != 0:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if folder.stat().st_uid == os.geteuid():
                    running += len(list((folder / "task").iterdir()))
    return running + processes + view.SPARE_TASKS


def _remove(folder: Path) -> None:
    """Removes a scratch folder; what cannot be removed is left to the host's temporary folder."""
    with suppress(OSError):
        remove_tree(folder)
