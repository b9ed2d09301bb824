"""What a candidate sees of the world: paths, variables, the interpreter and its packages."""

import resource
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes.base import Command, Limits

SYSTEM = tuple(map(Path, ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache")))
"""What every dynamically linked program needs."""

SPARE_TASKS = 16
"""How far the kernel's limits on tasks lie above ours, so that the meter can see a breach."""

_PACKAGE = Path(__file__).resolve().parents[1]
_PARTS = ("bin", "lib", "lib64", "pyvenv.cfg")
_SPARE_ADDRESSES_BYTES = 16 << 30
_SPARE_FILE_BYTES = 1 << 20
_OPEN_FILES = 1024
_SHARED_MEMORY_BYTES = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the folders of a command are for the program that runs.

    Attributes:
        code: Working directory, read-only.
        out: The command's ``out``.
        data: The command's ``data``.
        scratch: Writable folder that is thrown away.
    """

    code: Path
    out: Path
    data: Path
    scratch: Path


INSIDE = Places(code=Path("/box"), out=Path("/out"), data=Path("/data"), scratch=Path("/tmp"))  # noqa: S108
"""Where they are for a program that has a root of its own; inputs are under ``/in``."""


def check(command: Command) -> None:
    """Raises SandboxError if a folder of ``command`` is missing or an input's name is no name."""
    folders = (command.code, command.out, command.data)
    for folder in folders:
        if folder is not None and not folder.is_dir():
            raise SandboxError(f"no such folder to show the candidate: {folder}")
    for name, path in command.inputs.items():
        if not name or name in {".", ".."} or "/" in name or "\0" in name:
            raise SandboxError(f"an input needs a plain name, not {name!r}")
        if not path.exists():
            raise SandboxError(f"no such input to show the candidate: {path}")
    if not command.argv:
        raise SandboxError("a command needs a program")


def writable(command: Command) -> tuple[Path, ...]:
    """The host folders that ``command`` may fill."""
    return () if command.out is None or command.out_is_readonly else (command.out,)


def argv(command: Command) -> tuple[str, ...]:
    """The program and its arguments, with ``python`` replaced by the interpreter."""
    program, *arguments = command.argv
    if program == "python":
        return (sys.executable, "-B", "-s", *arguments)
    return command.argv


def relocate(words: tuple[str, ...], command: Command, places: Places) -> tuple[str, ...]:
    """Rewrites arguments that name paths of ``INSIDE`` for a program without a root of its own."""
    moved = {INSIDE.code: places.code, INSIDE.out: places.out, INSIDE.data: places.data}
    moved |= {Path("/in") / name: path.resolve() for name, path in command.inputs.items()}
    return tuple(_moved(word, moved) for word in words)


def environment(command: Command, places: Places, pipes: tuple[int, ...]) -> dict[str, str]:
    """All variables of the program: ours, then the command's own.

    Args:
        command: What will run.
        places: Where its folders are.
        pipes: File descriptors it reads questions from and writes answers to; empty
            for none.
    """
    scratch = str(places.scratch)
    variables = {
        "PATH": "/usr/bin:/bin",
        "HOME": scratch,
        "TMPDIR": scratch,
        "USER": "candidate",
        "LANG": "C.UTF-8",
        "PYTHONNOUSERSITE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "FILIAL_CODE": str(places.code),
    }
    extra = _extra_packages()
    if extra:
        variables["PYTHONPATH"] = ":".join(map(str, extra))
    if command.out is not None:
        variables["FILIAL_OUT"] = str(places.out)
    if command.data is not None:
        variables["FILIAL_DATA"] = str(places.data)
    if pipes:
        variables["FILIAL_IN"], variables["FILIAL_OUT_FD"] = map(str, pipes)
    own = dict(command.environment)
    if places != INSIDE:
        own = dict(zip(own, relocate(tuple(own.values()), command, places), strict=True))
    return variables | own


@cache
def interpreter() -> tuple[Path, ...]:
    """Host paths that the interpreter and its installed packages consist of.

    Of a virtual environment only ``bin`` and ``lib``: its folder may be the user's project.
    Paths below ``SYSTEM`` are left out.
    """
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_exec_prefix)}
    prefixes |= {prefix.resolve() for prefix in prefixes}
    paths = {prefix / part for prefix in prefixes for part in _PARTS if (prefix / part).exists()}
    paths |= set(_extra_packages())
    link = Path(sys.executable)
    while link.is_symlink():
        paths.add(link)
        link = link.parent / link.readlink()
    paths.add(link)
    return tuple(sorted(_outermost(paths)))


def shows(path: Path) -> bool:
    """Whether every candidate may see ``path``: it lies in the system or the interpreter.

    Links in it are followed first. Filial's own package, which is hidden, counts as shown.
    """
    place = path.resolve()
    return any(place.is_relative_to(shown.resolve()) for shown in (*SYSTEM, *interpreter()))


def hidden() -> Path | None:
    """Filial's own package where it lies among the shown paths; kits hold exams."""
    return _PACKAGE if shows(_PACKAGE) else None


def shown() -> Iterator[tuple[Path, Path | None]]:
    """Yields what everyone sees, and of a link its target.

    A link must stay one: mounted, its target would show a second time, past any mask.
    """
    for path in (*SYSTEM, *interpreter()):
        if path.is_symlink():
            yield path, path.readlink()
        elif path.exists():
            yield path, None


def masked(masks: Mapping[Path, Path | None]) -> Iterator[tuple[Path, Path | None]]:
    """Yields masks in the order in which they are laid over what is shown, outer ones first.

    What lies below a path that is hidden altogether is left out.
    """
    nothing = {path for path, instead in masks.items() if instead is None}
    for path, instead in sorted(masks.items()):
        if nothing.isdisjoint(path.parents):
            yield path, instead


def shared_memory_bytes(limits: Limits) -> int:
    """Returns the size of ``/dev/shm``."""
    return min(limits.disk_bytes, _SHARED_MEMORY_BYTES)


def rlimits(limits: Limits) -> dict[int, tuple[int, int]]:
    """Kernel limits on each process, a backstop behind the outside meters.

    Address space is far above the memory limit: numerical libraries reserve much more than they
    touch. The others leave a margin so that the meter sees a breach first; above all the one on
    CPU time, where the kernel counts ticks: on a busy virtual machine those include time that the
    process never got. The kernel ignores the limit on tasks for root.
    """
    cpu_s = 2 * int(limits.cpu_s) + 5
    tasks = limits.processes + SPARE_TASKS
    file_bytes = limits.disk_bytes + _SPARE_FILE_BYTES
    address_bytes = 4 * limits.memory_bytes + _SPARE_ADDRESSES_BYTES
    wanted = {
        "RLIMIT_CORE": (0, 0),
        "RLIMIT_CPU": (cpu_s, cpu_s + 1),
        "RLIMIT_AS": (address_bytes, address_bytes),
        "RLIMIT_FSIZE": (file_bytes, file_bytes),
        "RLIMIT_NOFILE": (_OPEN_FILES, _OPEN_FILES),
        "RLIMIT_NPROC": (tasks, tasks),
        "RLIMIT_MEMLOCK": (0, 0),
        "RLIMIT_MSGQUEUE": (0, 0),
        "RLIMIT_RTPRIO": (0, 0),
        "RLIMIT_NICE": (0, 0),
    }
    # Not every system has all of them.
    return {
        getattr(resource, name): both for name, both in wanted.items() if hasattr(resource, name)
    }


def _moved(word: str, moved: Mapping[Path, Path]) -> str:
    for old, new in moved.items():
        if word == str(old) or word.startswith(f"{old}/"):
            return f"{new}{word[len(str(old)) :]}"
    return word


def at_most(wanted: tuple[int, int], most: int) -> tuple[int, int]:
    """A soft and a hard limit cut down to the hard limit in force, which only root may exceed."""
    if most == resource.RLIM_INFINITY:
        return wanted
    soft, hard = wanted
    return min(soft, most), min(hard, most)


@cache
def _extra_packages() -> tuple[Path, ...]:
    """Folders of installed packages outside the interpreter's own, such as the user's."""
    own = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)}
    return tuple(
        path
        for path in map(Path, sys.path)
        if path.name in {"site-packages", "dist-packages"}
        and path.is_dir()
        and not any(path.resolve().is_relative_to(prefix) for prefix in own)
        and not any(path.is_relative_to(system) for system in SYSTEM)
    )


def _outermost(paths: Iterable[Path]) -> set[Path]:
    """The paths that lie below no other and below nothing of ``SYSTEM``."""
    everything = {*paths, *SYSTEM}
    return {
        path
        for path in everything
        if path not in SYSTEM and not any(parent in everything for parent in path.parents)
    }
