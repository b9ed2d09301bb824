"""The pipes of a running tree: our ends of them, and what it printed."""

import os
from dataclasses import dataclass

_KEPT_BYTES = 64 << 10
_CHUNK_BYTES = 64 << 10


@dataclass(slots=True)
class Channels:
    """Our ends of the pipes of one tree; -1 for none.

    Attributes:
        stdout: Read end.
        stderr: Read end.
        status: Read end of what the back-end's own machinery reports.
        questions: Write end.
        answers: Read end, non-blocking.
    """

    stdout: int = -1
    stderr: int = -1
    status: int = -1
    questions: int = -1
    answers: int = -1

    def close(self, *names: str) -> None:
        """Closes those of the named ends that are open."""
        for name in names:
            descriptor = getattr(self, name)
            if descriptor >= 0:
                setattr(self, name, -1)
                os.close(descriptor)

    def data_ends(self) -> tuple[int, ...]:
        """The ends of ``questions`` and ``answers``; empty without data pipes."""
        return () if self.questions < 0 else (self.questions, self.answers)

    def close_all(self) -> None:
        """Closes every end that is open."""
        self.close("stdout", "stderr", "status", "questions", "answers")


class Printed:
    """Collects stdout and stderr, of each at most 64 KiB, and counts all of it.

    Attributes:
        stdout: Its first bytes.
        stderr: Its last bytes.
        n_bytes: Length of both together so far.
    """

    def __init__(self, channels: Channels) -> None:
        self._channels = channels
        self.stdout = bytearray()
        self.stderr = bytearray()
        self.n_bytes = 0
        for descriptor in (channels.stdout, channels.stderr):
            os.set_blocking(descriptor, False)

    def drain(self, ready: set[int]) -> set[int]:
        """Reads one chunk of each ready stream; returns the descriptors that came to an end."""
        ended = set()
        for name in ("stdout", "stderr"):
            descriptor = getattr(self._channels, name)
            if descriptor in ready and not self._take(name, descriptor):
                ended.add(descriptor)
                self._channels.close(name)
        return ended

    def drain_rest(self) -> None:
        """Reads what is left after the tree's death. A stream somebody else holds is left so."""
        while open_ends := {self._channels.stdout, self._channels.stderr} - {-1}:
            before = self.n_bytes
            self.drain(open_ends)
            if self.n_bytes == before:
                break
        self._channels.close("stdout", "stderr")

    def _take(self, name: str, descriptor: int) -> bool:
        try:
            chunk = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return True
        self.n_bytes += len(chunk)
        if name == "stdout":
            self.stdout += chunk[: _KEPT_BYTES - len(self.stdout)]
        else:
            self.stderr += chunk
            del self.stderr[:-_KEPT_BYTES]
        return bool(chunk)


def read_waiting(descriptor: int) -> bytes:
    """Returns everything that is in a pipe now, without waiting for more."""
    os.set_blocking(descriptor, False)
    parts = []
    while True:
        try:
            part = os.read(descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            break
        if not part:
            break
        parts.append(part)
    return b"".join(parts)


def open_channels(*, pipes: bool) -> tuple[Channels, Channels]:
    """Returns our ends and the ends for the child, with data pipes or without."""
    ours, theirs = Channels(), Channels()
    for name in ("stdout", "stderr", "status"):
        _connect(name, reader=ours, writer=theirs)
    if pipes:
        _connect("questions", reader=theirs, writer=ours)
        _connect("answers", reader=ours, writer=theirs)
        os.set_blocking(ours.answers, False)
    return ours, theirs


def _connect(name: str, *, reader: Channels, writer: Channels) -> None:
    read_end, write_end = os.pipe()
    setattr(reader, name, read_end)
    setattr(writer, name, write_end)


def memory_file(content: bytes) -> int:
    """A descriptor to read ``content`` from."""
    descriptor = os.memfd_create("filial")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
