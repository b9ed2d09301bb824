"""Level L2: Landlock, seccomp and limits around a process that shares the host's namespaces."""

import ctypes
from functools import cache
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import seccomp, subtree, view
from filial.sandboxes.base import Command, Level
from filial.sandboxes.process import WatchedProcess
from filial.sandboxes.streams import Channels

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
        if command.masks:
            raise SandboxError(
                "this command hides part of what is visible, which needs level L3; Landlock "
                "cannot do that"
            )

        def plan(scratch: Path, theirs: Channels) -> subtree.Plan:
            return {
                **subtree.plan(command, scratch, theirs),
                "paths": _paths(command, scratch),
                "seccomp": self._rules.hex(),
            }

        return subtree.start(command, subtree.Setting(name="Landlock", plan=plan))


@cache
def _version() -> int:
    """The kernel's version of Landlock; 0 for none."""
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))


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
