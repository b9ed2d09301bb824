"""Blobs in a folder, named by their content."""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from filial.errors import HostError, TamperedLedger

_DIGEST = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"


class BlobFolder:
    """Content-addressed files ``ab/cdef…`` under one folder.

    A blob is written aside and moved into place, so it is complete or absent even if the process
    dies in between.

    What this does not cover: a power cut may lose blobs written in the last seconds. Somebody who
    can write to the folder can remove a blob; ``Storage.verify`` notices if an event needs it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Stores ``data`` unless it is there already; returns its SHA-256, hexadecimal.

        Raises:
            HostError: The disk is full, or the folder cannot be written.
        """
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not path.exists():
            try:
                self._write(path, data)
            except OSError as error:
                raise HostError(
                    f"cannot store a blob in {self.folder}: {error.strerror}"
                ) from error
        return digest

    def get(self, digest: str) -> bytes:
        """Returns the blob of this digest.

        Raises:
            TamperedLedger: It is missing, not a regular file, or does not match its digest.
        """
        if not _DIGEST.fullmatch(digest):
            raise TamperedLedger(f"{digest!r} is not the digest of a blob")
        try:
            data = _read_regular(self._path(digest))
        except OSError as error:
            raise TamperedLedger(f"blob {digest} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise TamperedLedger(f"blob {digest} does not match its digest")
        return data

    def has(self, digest: str) -> bool:
        """Whether a blob of this digest exists, unread."""
        return bool(_DIGEST.fullmatch(digest)) and self._path(digest).is_file()

    def sizes(self) -> dict[str, int]:
        """Returns the size in bytes of every blob, by digest, in the digests' order."""
        return dict(sorted(self._sizes()))

    def clear_incoming(self) -> None:
        """Removes what a killed process left half written. Only the single writer may call it."""
        for path in (self.folder / _INCOMING).glob("*"):
            path.unlink()

    def _sizes(self) -> Iterator[tuple[str, int]]:
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            digest = path.parent.name + path.name
            if not _DIGEST.fullmatch(digest):
                raise TamperedLedger(f"{path} is not a blob")
            yield digest, path.lstat().st_size

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest[2:]

    def _write(self, path: Path, data: bytes) -> None:
        incoming = self.folder / _INCOMING
        incoming.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o644)
                file.write(data)
            Path(name).replace(path)
        except OSError:
            with suppress(OSError):
                Path(name).unlink()
            raise


def _read_regular(path: Path) -> bytes:
    # O_NONBLOCK so that a planted FIFO cannot hang us.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "not a regular file")
        return file.read()
