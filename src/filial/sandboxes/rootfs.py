"""The root that a candidate of ``Namespaces`` sees, as steps for its first process to take.

The steps are numbers and strings that go straight into system calls, so that the process that
takes them need not know, and keeps no copy of, any path of the host.
"""

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from filial.sandboxes import view
from filial.sandboxes.base import Command

_OLD = "/.old"
_FOLDER, _FILE, _LINK, _MOUNT, _TMPFS, _BIND = range(6)
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 1, 2, 4, 8
_RDONLY, _NOSUID, _NODEV, _NOEXEC = 1, 2, 4, 8
# Beyond the kernel's: try to make root's files the candidate's; else give it the folder itself.
_LENT, _OWNED = 1 << 61, 1 << 62
_SCRATCH = _MS_NOSUID | _MS_NODEV
_READABLE = _RDONLY | _NOSUID | _NODEV
_WRITABLE = _NOSUID | _NODEV
_DEVICE = _RDONLY | _NOSUID | _NOEXEC
_DEVICES = ("null", "zero", "full", "random", "urandom")
_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
_BYTES_PER_FILE = 4096


@dataclass(frozen=True, slots=True)
class Step:
    """One system call.

    Attributes:
        call: Which.
        flags: For mounts.
        place: Path inside.
        other: Source of a bind, target of a link, kind or options of a mount.
    """

    call: int
    flags: int
    place: str
    other: str = ""

    def __str__(self) -> str:
        return f"{self.place} (from {self.other.removeprefix(_OLD)})" if self.other else self.place


@dataclass(slots=True)
class _Root:
    """Steps so far."""

    steps: list[Step] = field(default_factory=list)
    made: set[Path] = field(default_factory=lambda: {Path("/")})

    def folder(self, path: Path) -> None:
        if path not in self.made:
            self.folder(path.parent)
            self.made.add(path)
            self.steps.append(Step(_FOLDER, 0, str(path)))

    def link(self, path: Path, target: str) -> None:
        self.folder(path.parent)
        self.made.add(path)
        self.steps.append(Step(_LINK, 0, str(path), target))

    def scratch(self, path: Path, n_bytes: int) -> None:
        self.folder(path)
        n_files = max(n_bytes // _BYTES_PER_FILE, 16)
        options = f"size={n_bytes},nr_inodes={n_files},mode=1777"
        self.steps.append(Step(_TMPFS, _SCRATCH, str(path), options))

    def nothing(self, path: Path) -> None:
        self.steps.append(Step(_TMPFS, _SCRATCH | _MS_RDONLY, str(path), "size=4096,mode=755"))

    def bind(self, source: Path, path: Path, flags: int = _READABLE) -> None:
        source = source.resolve(strict=True)
        if source.is_dir():
            self.folder(path)
        elif path not in self.made:
            self.folder(path.parent)
            self.made.add(path)
            self.steps.append(Step(_FILE, 0, str(path)))
        self.over(source, path, flags)

    def over(self, source: Path, path: Path, flags: int = _READABLE) -> None:
        self.steps.append(Step(_BIND, flags, str(path), f"{_OLD}{source.resolve(strict=True)}"))


def steps(command: Command) -> tuple[Step, ...]:
    """The root for ``command``: the same that bubblewrap would show.

    Raises:
        OSError: Something to be shown is not there.
    """
    n_bytes = command.limits.disk_bytes
    root = _Root()
    root.scratch(Path("/tmp"), n_bytes)  # noqa: S108 - inside
    root.folder(Path("/dev"))
    root.scratch(Path("/dev/shm"), view.shared_memory_bytes(command.limits))  # noqa: S108 - inside
    everyone = _shown_to_everyone()
    root.steps += everyone.steps
    root.made |= everyone.made
    _mask(root, command.masks)
    root.bind(command.code, view.INSIDE.code, _READABLE | _LENT)
    if command.out is not None:
        flags = _READABLE if command.out_is_readonly else _WRITABLE | _OWNED
        root.bind(command.out, view.INSIDE.out, flags | _LENT)
    if command.data is not None:
        root.bind(command.data, view.INSIDE.data, _READABLE | _LENT)
    for name, path in command.inputs.items():
        root.bind(path, Path("/in") / name, _READABLE | _LENT)
    return tuple(root.steps)


def encode(taken: tuple[Step, ...]) -> bytes:
    """The steps as the zygote reads them.

    A count, for each step four numbers (call, flags, and where in the result its two strings
    begin), then the strings, each closed by a zero; all numbers of eight bytes in native order.
    """
    record = struct.Struct("=4Q")
    strings, begin = bytearray(), 8 + len(taken) * record.size
    head = bytearray(struct.pack("=Q", len(taken)))
    for step in taken:
        offsets = []
        for word in (step.place, step.other):
            offsets.append(begin + len(strings))
            strings += os.fsencode(word) + b"\0"
        head += record.pack(step.call, step.flags, *offsets)
    return bytes(head + strings)


@cache
def _shown_to_everyone() -> _Root:
    """Devices, the system, the interpreter, its packages; after ``/tmp``, where they may lie."""
    root = _Root()
    proc = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC | _MS_RDONLY
    root.folder(Path("/proc"))
    root.steps.append(Step(_MOUNT, proc, "/proc", "proc"))
    for name in _DEVICES:
        root.bind(Path("/dev") / name, Path("/dev") / name, _DEVICE)
    for name, leads_to in _LINKS.items():
        root.link(Path("/dev") / name, leads_to)
    for path, target in view.shown():
        if target is not None:
            root.link(path, str(target))
        else:
            lent = 0 if path in view.SYSTEM else _LENT
            root.bind(path, path, _READABLE | lent)
    hidden = view.hidden()
    if hidden is not None:
        root.nothing(hidden)
    return root


def _mask(root: _Root, masks: Mapping[Path, Path | None]) -> None:
    """Puts something else, or nothing, over paths shown so far; outer ones first."""
    for path, shown in view.masked(masks):
        if shown is not None:
            root.over(shown, path)
        elif path.is_dir():
            root.nothing(path)
        else:
            root.over(Path(os.devnull), path)
