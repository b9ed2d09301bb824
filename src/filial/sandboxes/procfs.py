"""The kernel's table of processes."""

import os


def read(path: str) -> bytes:
    """Returns a file of ``/proc``; nothing if its process is gone or not ours to read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(descriptor, 1 << 16)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def stat(pid: int) -> list[bytes]:
    """Returns the fields of ``/proc/PID/stat`` from the state on; none if it cannot be read."""
    # The name of the program comes in brackets and may hold anything; count from its end.
    return read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
