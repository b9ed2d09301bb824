"""Level L1: a session of its own, kernel limits and outside meters, on any POSIX system."""

import resource
import subprocess  # noqa: TID251 - ps, where there is no /proc
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import subtree
from filial.sandboxes.base import Command, Level
from filial.sandboxes.meter import Reading
from filial.sandboxes.process import WatchedProcess
from filial.sandboxes.streams import Channels

_PS = ("ps", "-A", "-o", "pid=,ppid=,rss=,time=")
_LOOK_EVERY_S = 0.25
_NO_PROCESS = Reading(cpu_s=0.0, memory_bytes=0, memory_peak_bytes=0, tasks=0)


class Posix:
    """Runs each command as the caller runs, but for limits and a scrubbed environment.

    The program sees real paths, as at L2: FILIAL_CODE, FILIAL_OUT and FILIAL_DATA name its
    folders, and arguments that begin with ``/box``, ``/out``, ``/data`` or ``/in/NAME`` are
    rewritten. On Linux a subreaper kills all that it leaves behind; elsewhere its process group
    is killed, and a process that made itself a session of its own is not found.

    Args:
        system: ``sys.platform`` of the machine.

    What this does not cover: almost everything. Such a program reads and writes what the caller
    may read and write, reaches every network, and can signal, trace and stop the caller's other
    processes, its judge among them. It stops accidents and no attack. Run only code whose every
    line you would run yourself.
    """

    level: Level = Level.L1

    def __init__(self, system: str = sys.platform) -> None:
        self._is_linux = system == "linux"

    def start(self, command: Command) -> WatchedProcess:
        """Starts ``command``.

        Raises:
            SandboxError: A folder is missing, something was to be hidden, or it could not start.
        """
        if command.masks:
            raise SandboxError("this command hides part of what is visible, which needs level L3")
        setting = subtree.Setting(
            name="L1",
            plan=partial(self._plan, command),
            is_linux=self._is_linux,
            meter=None if self._is_linux else PsMeter,
        )
        return subtree.start(command, setting)

    def _plan(self, command: Command, scratch: Path, theirs: Channels) -> subtree.Plan:
        plan = subtree.plan(command, scratch, theirs)
        if self._is_linux:
            return plan
        # Other kernels map gigabytes into every process, or count differently.
        kept = {resource.RLIMIT_CORE, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE}
        kept.add(resource.RLIMIT_NOFILE)
        limits = subtree.limits(command)
        return {**plan, "rlimits": [(kind, *limits[kind]) for kind in sorted(kept)]}


@dataclass(frozen=True, slots=True)
class _Row:
    parent: int
    resident_bytes: int
    cpu_s: float


class PsMeter:
    """Reads the descendants of one process through ``ps``, a few times a second.

    Args:
        root: Process id of the ancestor, which is our own machinery and does not count.

    What this does not cover: processes whose parent has died, threads, memory that came and went
    between two readings, CPU time of the dead that no reading saw.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._next_look_s = 0.0
        self._last = _NO_PROCESS
        self._seen: dict[int, float] = {}

    def read(self) -> Reading:
        """Returns the state now, or the last one if that is young."""
        now_s = time.monotonic()
        if now_s >= self._next_look_s:
            self._next_look_s = now_s + _LOOK_EVERY_S
            self._last = self._look()
        return self._last

    def shared_once_bytes(self) -> int:
        """Returns 0: ``ps`` does not know who shares what."""
        return 0

    def _look(self) -> Reading:
        listing = subprocess.run(  # noqa: S603 - a constant
            _PS, capture_output=True, check=False, text=True
        ).stdout
        rows = _rows(listing)
        below = _below(rows, self._root)
        for pid, row in below.items():
            self._seen[pid] = max(row.cpu_s, self._seen.get(pid, 0.0))
        memory = sum(row.resident_bytes for row in below.values())
        return Reading(
            cpu_s=sum(self._seen.values()),
            memory_bytes=memory,
            memory_peak_bytes=max(memory, self._last.memory_peak_bytes),
            tasks=len(below),
        )


def _rows(listing: str) -> dict[int, _Row]:
    rows = {}
    for line in listing.splitlines():
        pid, parent, kilobytes, cpu = line.split()[:4]
        rows[int(pid)] = _Row(int(parent), int(kilobytes) * 1024, cpu_seconds(cpu))
    return rows


def _below(rows: Mapping[int, _Row], root: int) -> dict[int, _Row]:
    found = {root}
    size = 0
    while size != len(found):
        size = len(found)
        found |= {pid for pid, row in rows.items() if row.parent in found}
    return {pid: rows[pid] for pid in found - {root} if pid in rows}


def cpu_seconds(text: str) -> float:
    """Returns what ``ps`` prints as time: ``[[DD-]HH:]MM:SS[.CC]`` in seconds."""
    days, _, clock = text.rpartition("-")
    seconds = 86400.0 * int(days or 0)
    for unit_s, part in zip((1, 60, 3600), reversed(clock.split(":")), strict=False):
        seconds += unit_s * float(part)
    return seconds
