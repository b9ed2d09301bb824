"""Which self-tests have passed on this machine since it was started, kept in a file."""

import hashlib
import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from filial import __version__

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_MOST_BYTES = 64 << 10
_MOST_PASSES = 64
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# What a caller may do bears on what it can isolate: in a container it is less than outside.
_RIGHTS = ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp", "Seccomp_filters")
_SPACES = ("user", "pid", "mnt", "cgroup", "net")


class Passes:
    """Remembers passed self-tests, and only those: a failure is measured again each time.

    A pass holds for this boot of the machine, this user with these rights, namespaces and control
    groups, this interpreter, this version and source of the sandboxes, and this program of the
    back-end. The file counts for nothing if it, or its folder, is not ours alone to write; if it
    cannot be read or written, or a boot has no number here, nothing is remembered.

    Args:
        folder: Where the file is; None to remember nothing.

    What this does not cover: whoever runs as the same user can write passes. Candidates cannot.
    """

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "self-test.json" if folder else None

    def has(self, backend: str, program: Path | None) -> bool:
        """Returns whether this back-end has passed."""
        return _BOOT.exists() and _key(backend, program) in self._read()

    def add(self, backend: str, program: Path | None) -> None:
        """Remembers a pass."""
        key = _key(backend, program)
        self._write([key, *(other for other in self._read() if other != key)])

    def drop(self, backend: str, program: Path | None) -> None:
        """Forgets a pass."""
        key, passes = _key(backend, program), self._read()
        if key in passes:
            self._write(other for other in passes if other != key)

    def _read(self) -> list[str]:
        try:
            passes = json.loads(_read_ours(self._path)) if self._path else []
        except (OSError, ValueError, RecursionError):
            return []
        return [key for key in passes if isinstance(key, str)] if isinstance(passes, list) else []

    def _write(self, passes: Iterable[str]) -> None:
        if self._path is None:
            return
        text = json.dumps([*passes][:_MOST_PASSES])
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent)
            try:
                with os.fdopen(descriptor, "w") as file:
                    file.write(text)
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink()
                raise


def cache_folder() -> Path | None:
    """Filial's folder for what can be measured again; None where the user has none."""
    given = os.environ.get("XDG_CACHE_HOME", "")  # noqa: TID251 - where users keep caches
    if given.startswith("/"):
        return Path(given, "filial")
    try:
        return Path.home() / ".cache" / "filial"
    except RuntimeError:
        return None


def _read_ours(path: Path) -> bytes:
    """The content of a file that only we may write, in a folder that only we may write; or b""."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if not _is_ours(folder):
            return b""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(path.name, flags, dir_fd=folder)
    finally:
        os.close(folder)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_MOST_BYTES) if _is_ours(descriptor) else b""


def _is_ours(descriptor: int) -> bool:
    """Whether we own what is open there and nobody else may write to it."""
    status = os.fstat(descriptor)
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_WRITE


def _key(backend: str, program: Path | None) -> str:
    """Digest of everything that a pass depends on."""
    parts = [*_machine(), backend]
    if program is not None:
        status = program.stat()
        parts += [str(program), str(status.st_mtime_ns), str(status.st_size)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _machine() -> tuple[str, ...]:
    rights = [line for line in _lines("/proc/self/status") if line.split(":")[0] in _RIGHTS]
    spaces = []
    for name in _SPACES:
        with suppress(OSError):
            spaces.append(str(Path("/proc/self/ns", name).readlink()))
    return (
        *_lines(str(_BOOT)),
        str(os.geteuid()),
        *os.uname(),
        *rights,
        *spaces,
        *_lines("/proc/self/cgroup"),
        __version__,
        sys.executable,
        sys.version,
        _sources(),
    )


@cache
def _sources() -> str:
    """Digest of this package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
