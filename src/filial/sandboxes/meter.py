"""What a process tree consumes, read from outside through ``/proc``."""

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from filial.sandboxes import procfs

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_SMALLEST_FILE_BYTES = 4096
_WENT_AWAY = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The state of a tree at one moment.

    Attributes:
        cpu_s: CPU-seconds so far, of the living and of the dead.
        memory_bytes: Resident memory now.
        memory_peak_bytes: Peak so far, as far as it was seen.
        tasks: Processes and threads now.
    """

    cpu_s: float
    memory_bytes: int
    memory_peak_bytes: int
    tasks: int


@dataclass(frozen=True, slots=True)
class _Stat:
    own_ticks: int
    reaped_ticks: int
    tasks: int
    start: int
    resident_bytes: int


class Meter:
    """Reads the descendants of one process again and again.

    Args:
        root: Process id of the ancestor. It is our own machinery: its children's CPU time counts,
            its memory and its tasks do not.

    What this does not cover: a process that lives and dies between two readings counts only if
    its parent reaps it; memory that came and went between two readings.
    """

    def __init__(self, root: int) -> None:
        self._root = root
        self._seen: dict[tuple[int, int], int] = {}
        self._seen_ticks = 0
        self._cpu_ticks = 0
        self._peak_bytes = 0

    def read(self) -> Reading:
        """Returns the state now; zeros, and what was seen before, once the tree is gone."""
        root = _stat(self._root)
        living_ticks = root.reaped_ticks if root else 0
        memory = tasks = 0
        for pid in descendants(self._root):
            stat = _stat(pid)
            if stat is None:
                continue
            memory += stat.resident_bytes
            tasks += stat.tasks
            living_ticks += stat.own_ticks + stat.reaped_ticks
            self._seen_ticks += stat.own_ticks - self._seen.get((pid, stat.start), 0)
            self._seen[pid, stat.start] = stat.own_ticks
            self._peak_bytes = max(self._peak_bytes, _high_water_bytes(pid))
        # A parent that ignores SIGCHLD loses its children's time; what we saw of them counts.
        self._cpu_ticks = max(self._cpu_ticks, living_ticks, self._seen_ticks)
        self._peak_bytes = max(self._peak_bytes, memory)
        return Reading(
            cpu_s=self._cpu_ticks / _TICKS_PER_S,
            memory_bytes=memory,
            memory_peak_bytes=self._peak_bytes,
            tasks=tasks,
        )

    def shared_once_bytes(self) -> int:
        """Returns the memory of the tree now with pages that processes share counted once.

        Slower than ``read``: it walks the page tables.
        """
        return sum(_proportional_bytes(pid) for pid in descendants(self._root))


def descendants(root: int) -> Iterator[int]:
    """Yields the process ids below ``root``, parents before children, ``root`` left out."""
    waiting = list(_children(root))
    seen = set(waiting)
    while waiting:
        pid = waiting.pop()
        yield pid
        new = [child for child in _children(pid) if child not in seen]
        seen.update(new)
        waiting.extend(new)


def folder_bytes(folder: Path, stop_at: int) -> int:
    """Returns the size of everything under ``folder``; every entry counts at least 4 KiB.

    Follows no links. Returns at once a number above ``stop_at`` when the sum passes it, or when a
    folder refuses to be read: nobody hides bytes by nesting too deep or taking rights away.
    """
    total, waiting = 0, [str(folder)]
    while waiting:
        here = waiting.pop()
        try:
            descriptor = os.open(here, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError as error:
            if error.errno in _WENT_AWAY:
                continue
            return stop_at + 1
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    total += _entry_bytes(entry)
                    if total > stop_at:
                        return total
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{here}/{entry.name}")
        finally:
            os.close(descriptor)
    return total


def _entry_bytes(entry: os.DirEntry[str]) -> int:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return 0
    return max(status.st_size, status.st_blocks * 512, _SMALLEST_FILE_BYTES)


def _stat(pid: int) -> _Stat | None:
    fields = procfs.stat(pid)
    if len(fields) < 22:
        return None
    user, system, user_reaped, system_reaped = (int(field) for field in fields[11:15])
    return _Stat(
        own_ticks=user + system,
        reaped_ticks=user_reaped + system_reaped,
        tasks=int(fields[17]),
        start=int(fields[19]),
        resident_bytes=(int(fields[21]) or _pages_of_threads(pid)) * _PAGE_BYTES,
    )


def _pages_of_threads(pid: int) -> int:
    """Pages of a process whose first thread has ended, as one of the others sees them."""
    sizes = (procfs.read(f"{place}/statm").split() for place in _threads(pid))
    return max((int(size[1]) for size in sizes if len(size) > 1), default=0)


def _threads(pid: int) -> list[str]:
    tasks = f"/proc/{pid}/task"
    try:
        return [f"{tasks}/{name}" for name in os.listdir(tasks)]  # noqa: PTH208 - as below
    except OSError:
        return []


def _high_water_bytes(pid: int) -> int:
    return _kilobytes(procfs.read(f"/proc/{pid}/status"), b"VmHWM:")


def _proportional_bytes(pid: int) -> int:
    whole = _kilobytes(procfs.read(f"/proc/{pid}/smaps_rollup"), b"\nPss:")
    if whole:
        return whole
    parts = (
        _kilobytes(procfs.read(f"{place}/smaps_rollup"), b"\nPss:") for place in _threads(pid)
    )
    return max(parts, default=0)


def _kilobytes(text: bytes, key: bytes) -> int:
    value = text.partition(key)[2].split(maxsplit=1)
    return int(value[0]) * 1024 if value else 0


def _children(pid: int) -> list[int]:
    if not _kernel_lists_children():
        return _children_by_scan(pid)
    lists = (procfs.read(f"{place}/children").split() for place in _threads(pid))
    return [int(child) for children in lists for child in children]


def _children_by_scan(parent: int) -> list[int]:
    children = []
    for name in os.listdir("/proc"):  # noqa: PTH208 - twenty times a second
        if name.isdigit():
            fields = procfs.stat(int(name))
            if len(fields) > 1 and int(fields[1]) == parent:
                children.append(int(name))
    return children


@cache
def _kernel_lists_children() -> bool:
    return Path("/proc/thread-self/children").exists()
