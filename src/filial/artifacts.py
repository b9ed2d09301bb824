"""What builds leave: refused if unfit, laid out afresh for each exam, kept where one build counts.

Every exam gets a copy that is made in the same way just before it, with nothing of the build's own
folders: no times, no modes but the right to execute, no order or links. So the files do not show
whether this is the first exam of a build or a later one.

What this does not cover: the clock. A build that writes down the time lets an exam see how long
ago that was.
"""

import hashlib
import json
import os
import stat
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from filial.core import Failure, FailureKind
from filial.errors import HostError
from filial.sandboxes.removal import remove_tree

_MIB = 1 << 20
_MAX_LEVELS = 32
_MAX_PATH_BYTES = 1024
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_TIME_NS = 315_532_800_000_000_000  # the beginning of 1980, the earliest that archives can hold

_FILES = "files"
_MANIFEST = "manifest.json"


def inspect(out: Path, limit_bytes: int) -> Failure | None:
    """Returns why the files a build left are unacceptable, or None; never follows a link.

    What it accepts can be copied and walked by path: not too deep, and open to us.
    """
    total, n_files = 0, 0
    for path, status in _entries(out):
        is_folder = stat.S_ISDIR(status.st_mode)
        problem = _problem(path, status.st_mode, is_folder=is_folder)
        if problem is not None:
            return Failure(kind=FailureKind.ARTIFACT, detail=problem)
        if not is_folder:
            total, n_files = total + status.st_size, n_files + 1
    if n_files == 0:
        return Failure(kind=FailureKind.ARTIFACT, detail="the build left no file in FILIAL_OUT")
    if total > limit_bytes:
        detail = f"the build left {total / _MIB:.0f} MiB; {limit_bytes / _MIB:.0f} are allowed"
        return Failure(kind=FailureKind.ARTIFACT, detail=detail)
    return None


def lay_out(source: Path, target: Path) -> dict[str, str]:
    """Makes ``target`` a copy of an inspected folder that shows nothing but names and contents.

    Returns:
        SHA-256 of each file's content by path, ``+x`` behind it where the file may be executed;
        an empty text for each folder.

    Raises:
        OSError: A file cannot be read, is none any more, or cannot be written.
    """
    manifest: dict[str, str] = {}
    target.mkdir()
    made = [target]
    for folder, folders, files in os.walk(source):
        inner = Path(folder).relative_to(source)
        folders.sort()  # in this order they are walked
        for name in folders:
            made.append(target / inner / name)
            made[-1].mkdir()
            manifest[(inner / name).as_posix()] = ""
        for name in sorted(files):
            copied = _copy(Path(folder, name), target / inner / name)
            manifest[(inner / name).as_posix()] = copied
    for path in reversed(made):
        path.chmod(0o755)
        os.utime(path, ns=(_TIME_NS, _TIME_NS))
    return manifest


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Builds that are kept between the trials of one artifact.

    Attributes:
        folder: Where they are kept; made when the first one is.

    What this does not cover: somebody who may write to ``folder`` and changes a manifest, too.
    """

    folder: Path

    def keep(self, candidate: str, seed: int, built: Path, staging: Path) -> None:
        """Keeps a build, unless another worker has kept one of the same name meanwhile.

        Args:
            candidate: Tree digest.
            seed: The build's seed.
            built: What it left, inspected.
            staging: An absent folder on the same file system; moved away if all goes well.
        """
        staging.mkdir()
        manifest = lay_out(built, staging / _FILES)
        (staging / _MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        kept = self._place(candidate, seed)
        try:
            staging.rename(kept)
        except OSError:
            if not kept.is_dir():
                raise

    def take(self, candidate: str, seed: int, target: Path) -> bool:
        """Lays a kept build out in ``target``, which is made; returns whether there is one.

        Raises:
            HostError: It is no longer what was kept; names the first file that differs.
        """
        kept = self._place(candidate, seed)
        if not kept.is_dir():
            return False
        manifest = _read_manifest(kept)
        try:
            found = lay_out(kept / _FILES, target)
        except OSError as error:
            raise _changed(Path(error.filename or kept)) from error
        wrong = [path for path in {*found, *manifest} if found.get(path) != manifest.get(path)]
        if wrong:
            raise _changed(kept / _FILES / min(wrong))
        return True

    def clear(self, wanted: Container[str]) -> None:
        """Removes the builds of all candidates that are not ``wanted``."""
        if self.folder.is_dir():
            for kept in self.folder.iterdir():
                if kept.name.partition("-")[0] not in wanted:
                    remove_tree(kept)

    def _place(self, candidate: str, seed: int) -> Path:
        self.folder.mkdir(exist_ok=True)
        return self.folder / f"{candidate}-{seed:016x}"


def _read_manifest(kept: Path) -> dict[str, str]:
    path = kept / _MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _changed(path) from error
    if not isinstance(manifest, dict):
        raise _changed(path)
    return manifest


def _changed(path: Path) -> HostError:
    return HostError(
        f"{path} is not as the build left it, so trials of this artifact would not compare: "
        "restore it, or start a new study"
    )


def _copy(source: Path, target: Path) -> str:
    """Copies one regular file and returns its line of the manifest."""
    with os.fdopen(os.open(source, _READ), "rb") as old:
        mode = os.fstat(old.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(0, "no regular file", str(source))
        digest = hashlib.sha256()
        is_program = bool(mode & stat.S_IXUSR)
        with os.fdopen(os.open(target, _WRITE, 0o600), "wb") as new:
            while chunk := old.read(_MIB):
                digest.update(chunk)
                new.write(chunk)
            new.flush()
            os.fchmod(new.fileno(), 0o755 if is_program else 0o644)
            os.utime(new.fileno(), ns=(_TIME_NS, _TIME_NS))
    return digest.hexdigest() + ("+x" if is_program else "")


def _entries(out: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yields path and status of ``out``, as ``""``, and of everything in it, from the top.

    A folder is opened only after it has been yielded, so that the caller may stop before one that
    is closed or too deep.
    """
    yield "", out.lstat()
    for folder, folders, files, opened in os.fwalk(out):
        inner = folder[len(str(out)) + 1 :]
        for name in (*folders, *files):
            status = os.stat(name, dir_fd=opened, follow_symlinks=False)
            yield f"{inner}/{name}" if inner else name, status


def _problem(path: str, mode: int, *, is_folder: bool) -> str | None:
    """Returns what is wrong with one file or folder of a build, or None."""
    name = repr(path.rpartition("/")[2] or "FILIAL_OUT")
    if not is_folder and not stat.S_ISREG(mode):
        return f"{name} is a link or a device; leave regular files only"
    needed = stat.S_IRWXU if is_folder else stat.S_IRUSR
    if mode & needed != needed:
        return f"{name} may not be read"
    if path.count("/") >= _MAX_LEVELS:
        return f"folders in FILIAL_OUT are nested more than {_MAX_LEVELS} levels deep"
    if len(os.fsencode(path)) > _MAX_PATH_BYTES:
        return f"a path in FILIAL_OUT is longer than {_MAX_PATH_BYTES} bytes"
    return None
