"""The sandbox seam: where untrusted code runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self


class Level(StrEnum):
    """How far candidate code is kept away from the rest, from nothing to a kernel of its own."""

    L0 = "L0"  # nothing; refused
    L1 = "L1"  # limits, a session and an environment of its own; no isolation, refused on Linux
    L2 = "L2"  # L1 + Landlock + seccomp
    L3 = "L3"  # namespaces, a minimal read-only root, seccomp, limits
    L4 = "L4"  # L3 + cgroup: total memory, processes, CPU
    L5 = "L5"  # a separate kernel, by an OCI runtime; measured, and only if asked for


class EndedBy(StrEnum):
    """Why a sandboxed process is over."""

    EXIT = "exit"  # by itself; look at ``rc``
    SIGNAL = "signal"  # killed by a signal that was not ours; ``rc`` is negative
    WALL = "wall"
    CPU = "cpu"
    MEMORY = "memory"
    PROCESSES = "processes"
    OUTPUT = "output"
    DISK = "disk"
    KILLED = "killed"  # we were asked to


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings on one sandboxed process tree, enforced from outside.

    Attributes:
        wall_s: Wall-clock seconds.
        cpu_s: CPU-seconds of the whole tree.
        memory_bytes: Resident memory of the whole tree.
        processes: Processes and threads.
        output_bytes: Bytes of stdout and stderr together before it is killed.
        disk_bytes: Bytes under ``out``, and of each scratch file system.
    """

    wall_s: float = 60.0
    cpu_s: float = 60.0
    memory_bytes: int = 2 << 30
    processes: int = 64
    output_bytes: int = 1 << 20
    disk_bytes: int = 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run inside, and the only things it may see.

    Attributes:
        argv: Program and arguments. A first element ``"python"`` means the interpreter that runs
            Filial, with its installed packages.
        code: Folder mounted read-only as the working directory; the environment variable
            FILIAL_CODE holds its path inside.
        out: Folder mounted writable, FILIAL_OUT inside; None for no writable folder but scratch.
        out_is_readonly: Mount ``out`` read-only (an exam reads what a build left).
        data: Folder mounted read-only, FILIAL_DATA inside; None for none.
        inputs: Further files or folders mounted read-only under ``/in/NAME``.
        masks: Paths that would be visible, and what is shown read-only in their place: a file for
            a file, a folder for a folder, None for nothing. Needs L3: there is no way to hide
            part of a visible folder below that.
        environment: Further variables. Nothing is inherited.
        pipes: Whether to open the pair of data pipes: the process reads questions from the file
            descriptor named in FILIAL_IN and writes answers to the one in FILIAL_OUT_FD.
        limits: Ceilings.
        warm: Modules that the interpreter may have imported before the program begins, which a
            back-end may use to start faster; empty for a fresh process.
    """

    argv: tuple[str, ...]
    code: Path
    out: Path | None = None
    out_is_readonly: bool = False
    data: Path | None = None
    inputs: Mapping[str, Path] = field(default_factory=dict)
    masks: Mapping[Path, Path | None] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    pipes: bool = False
    limits: Limits = Limits()
    warm: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a sandboxed process ended, as seen from outside.

    Attributes:
        ended_by: Why it is over.
        rc: Exit code; ``-signal`` if a signal ended it.
        wall_s: Wall-clock seconds from start to the death of the whole tree.
        cpu_s: CPU-seconds of the whole tree.
        memory_peak_bytes: Peak resident memory of the tree. With a control group also memory that
            no process maps; without its page cache.
        stdout: First bytes of stdout, at most 64 KiB. Of an OCI runtime empty with pipes: then it
            is in ``stderr``.
        stderr: Last bytes of stderr, at most 64 KiB.
    """

    ended_by: EndedBy
    rc: int
    wall_s: float
    cpu_s: float
    memory_peak_bytes: int
    stdout: bytes
    stderr: bytes


class Process(Protocol):
    """A running sandboxed process tree. Use it as a context manager: leaving kills it."""

    questions: int
    """File descriptor to write frames to; -1 without pipes. Ours to close: ``hang_up``."""

    answers: int
    """File descriptor to read frames from; -1 without pipes. Non-blocking."""

    def poll(self, timeout_s: float) -> bool:
        """Enforces limits for at most ``timeout_s`` and says whether ``answers`` is readable.

        Returns early: True as soon as there is something to read (also the end of the stream),
        False as soon as the tree has ended with nothing left to read, or when the time is up.
        """
        ...

    def hang_up(self) -> None:
        """Closes ``questions``, so that an orderly server ends."""
        ...

    def wait(self) -> Outcome:
        """Waits for the end within the limits; on return no process of the tree is left."""
        ...

    def kill(self) -> Outcome:
        """Kills the whole tree now; on return no process of it is left."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class Sandbox(Protocol):
    """Starts untrusted programs.

    Contract:
        - New session, scrubbed environment, no network, only the command's mounts visible.
        - Every limit ends the tree and is named in ``Outcome.ended_by``; the numbers come from
          the host, never from inside.
        - Nothing of the tree survives ``wait``, ``kill`` or the death of the calling process.
        - A program that cannot be started is SandboxError only if the sandbox itself is at fault;
          otherwise it is an ordinary outcome with ``rc`` 127 or 126.

    What this does not cover: side channels, kernel bugs (below L5), and at L3 and below the total
    memory of many processes between two polls. L1 keeps the session, the environment and the
    limits, and neither files, network nor other processes; away from Linux a process in a session
    of its own survives there, too. An OCI runtime need not count processes.
    """

    level: Level

    def start(self, command: Command) -> Process:
        """Starts ``command``. Raises SandboxError if the sandbox cannot be set up."""
        ...
