"""One writer at a time, however many processes try."""

import fcntl
import os
from pathlib import Path

from filial.errors import BusyError, HostError


class WriterLock:
    """An exclusive ``flock`` on a file that names the process holding it.

    The kernel releases it when the process dies, so a stale file never blocks anybody.

    Args:
        path: The lock file; created if absent.

    Raises:
        BusyError: Another process, or another storage in this one, holds it.
        HostError: The file cannot be created or written.

    What this does not cover: network file systems without ``flock``.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            raise HostError(f"cannot open {path}: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
            self.release()
            raise BusyError(
                f"process {holder or 'unknown'} is writing to {path.parent}; "
                "wait until it ends or stop it"
            ) from None
        except OSError as error:
            self.release()
            raise HostError(f"cannot lock {path}: {error.strerror}") from error

    def release(self) -> None:
        """Lets the next writer in; may be called twice."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def holder(path: Path) -> int | None:
    """Returns the process that holds the lock file at ``path``, or None if nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)
    return None
