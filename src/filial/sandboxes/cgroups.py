"""A control group for one sandboxed tree: caps and counts by the kernel, where we may have one.

Works on version 1 (each controller mounted for itself) and version 2 (one unified hierarchy).
"""

import os
import secrets
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Self

from filial.errors import SandboxError
from filial.sandboxes import procfs

NO_GROUP = "no control group to be had"
"""How the error of a caller begins that may not make groups."""

_PREFIX = "filial-"
_REMOVAL_S = 2.0


class Cgroup:
    """One control group, or on version 1 one for each controller.

    Obtain it from ``create``; ``remove`` it when the tree is dead.
    """

    def __init__(self, folders: dict[str, Path]) -> None:
        self._folders = folders

    @classmethod
    def create(cls, *, memory_bytes: int, processes: int) -> Self:
        """Makes a group below, or beside, the caller's own with these caps, and no swap.

        Raises:
            SandboxError: The caller may not make groups here, or a controller is missing.
        """
        _sweep()
        name = f"{_PREFIX}{os.getpid()}-{_start_ticks(os.getpid())}-{secrets.token_hex(4)}"
        reasons = []
        for parents in _homes():
            group = cls({controller: parent / name for controller, parent in parents.items()})
            try:
                group._make(memory_bytes, processes)
            except OSError as error:
                group.remove()
                reasons.append(f"{error.strerror} below {parents['memory']}")
            else:
                return group
        raise SandboxError(
            f"{NO_GROUP}: {'; '.join(dict.fromkeys(reasons)) or 'no memory controller'}"
        )

    def _make(self, memory_bytes: int, processes: int) -> None:
        for folder in set(self._folders.values()):
            folder.mkdir()
        memory = self._folders["memory"]
        if self._is_unified:
            (memory / "memory.max").write_text(str(memory_bytes))
            _write_if_there(memory / "memory.swap.max", "0")
            _write_if_there(memory / "memory.oom.group", "1")
        else:
            (memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
            _write_if_there(memory / "memory.memsw.limit_in_bytes", str(memory_bytes))
        (self._folders["pids"] / "pids.max").write_text(str(processes))

    @property
    def _is_unified(self) -> bool:
        return (self._folders["memory"] / "cgroup.controllers").exists()

    def add(self, pid: int) -> None:
        """Moves a process, and with it all its later children, into the group."""
        for folder in set(self._folders.values()):
            (folder / "cgroup.procs").write_text(str(pid))

    @property
    def cpu_s(self) -> float:
        """CPU-seconds of everything that ever ran in the group."""
        folder = self._folders["cpuacct"]
        if self._is_unified:
            return _keyed(folder / "cpu.stat", "usage_usec") / 1e6
        return int((folder / "cpuacct.usage").read_text()) / 1e9

    @property
    def memory_bytes(self) -> int:
        """Memory of the group now: private and shared pages, mapped or not, without page cache.

        Files in scratch file systems held in memory, memory files and System V segments count
        while they exist, whether or not a process maps them. So does what the kernel holds for
        the group, such as data on its way through pipes and sockets.
        """
        stat = _numbers(self._folders["memory"] / "memory.stat")
        keys = ("anon", "shmem") if self._is_unified else ("total_rss", "total_shmem")
        return sum(stat.get(key, 0) for key in keys) + self._kernel_bytes(stat)

    def _kernel_bytes(self, stat: dict[str, int]) -> int:
        if not self._is_unified:
            words = _words(self._folders["memory"] / "memory.kmem.usage_in_bytes")
            return int(words[0]) if words else 0
        return max(0, stat.get("kernel", 0) - stat.get("slab_reclaimable", 0))

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something in the group for want of memory."""
        name = "memory.events" if self._is_unified else "memory.oom_control"
        return _keyed(self._folders["memory"] / name, "oom_kill") > 0

    @property
    def ran_out_of_processes(self) -> bool:
        """Whether the kernel refused the group a process or a thread."""
        return _keyed(self._folders["pids"] / "pids.events", "max") > 0

    def remove(self) -> None:
        """Removes the group. Its processes must be dead."""
        give_up = time.monotonic() + _REMOVAL_S
        for folder in set(self._folders.values()):
            while not _removed(folder) and time.monotonic() < give_up:
                time.sleep(0.002)


def _removed(folder: Path) -> bool:
    """Removes one group; the kernel takes a moment to let go of the dead."""
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _homes() -> Iterable[dict[str, Path]]:
    """Yields places where a group can be tried: for each controller the folder to make it in."""
    own = _own_groups()
    mounts = _mounts()
    if "" in mounts and "" in own:
        unified = Path(f"{mounts['']}{own['']}")
        if "memory" in _words(unified / "cgroup.controllers"):
            for place in (unified, unified.parent):
                yield dict.fromkeys(("memory", "pids", "cpuacct"), place)
    if all(name in mounts and name in own for name in ("memory", "pids", "cpuacct")):
        yield {name: Path(f"{mounts[name]}{own[name]}") for name in ("memory", "pids", "cpuacct")}


def _own_groups() -> dict[str, str]:
    """The caller's group for each controller; the unified hierarchy has the name ``""``."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            own[controller] = path.rstrip("/")
    return own


@cache
def _mounts() -> dict[str, str]:
    """Where each controller is mounted; the unified hierarchy has the name ``""``."""
    mounts = {}
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2":
            mounts[""] = place
        elif kind == "cgroup":
            mounts.update(dict.fromkeys(options.split(","), place))
    return mounts


def _sweep() -> None:
    """Removes the groups of callers that were killed before they could."""
    for parents in _homes():
        for parent in set(parents.values()):
            for folder in parent.glob(f"{_PREFIX}*"):
                pid, start, *_ = f"{folder.name.removeprefix(_PREFIX)}--".split("-")
                # Others, such as system services, may have names that begin like ours.
                if pid.isdecimal() and start.isdecimal() and _start_ticks(int(pid)) != start:
                    _removed(folder)


def _start_ticks(pid: int) -> str:
    """When a process started, in ticks since boot; empty if there is none."""
    return b"".join(procfs.stat(pid)[19:20]).decode()


def _write_if_there(path: Path, value: str) -> None:
    if path.exists():
        path.write_text(value)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


def _keyed(path: Path, key: str) -> int:
    """The number after ``key`` in a file of ``key number`` lines; 0 if it is not there."""
    return _numbers(path).get(key, 0)


def _numbers(path: Path) -> dict[str, int]:
    """A file of ``key number`` lines; empty if it cannot be read."""
    words = _words(path)
    return dict(zip(words[::2], map(int, words[1::2]), strict=True))
