"""Candidates as trees of a bare git repository, generations as its commits."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import pygit2
from pygit2.enums import FileMode, MergeFlag

from filial.core import Failure, FailureKind, Patch
from filial.errors import HostError, LedgerError
from filial.workspace.lengths import n_tokens
from filial.workspace.rules import Rules
from filial.workspace.snapshot import snapshot

_BRANCH = "refs/heads/main"
_TREES_CACHED = 256
_TEXTS_CACHED = 1024


class Workspace:
    """A bare git repository that holds every candidate's tree and the lineage.

    Trees are named by their git id, so equal candidates have equal names. Generations are commits
    ``F0``, ``F1`` … on the branch ``main``; ordinary git commands work on the repository.

    Args:
        path: The repository; created if absent.

    Raises:
        LedgerError: What is there is not a git repository.
        HostError: It cannot be created.

    What this does not cover: objects are written without waiting for the disk, so a power cut may
    lose the newest trees.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._repo = _open(path)
        self._blobs = lru_cache(maxsize=_TREES_CACHED)(self._walk)
        self._texts = lru_cache(maxsize=_TEXTS_CACHED)(self._text)
        self._files = lru_cache(maxsize=_TREES_CACHED)(self._read)

    def import_tree(self, folder: Path, *, rules: Rules) -> str:
        """Returns the id of a tree with all files under ``folder``.

        Folders named ``.git`` or ``__pycache__`` are left out.

        Raises:
            CodeError: A file that no candidate could hold (a symlink, a binary, too large …), too
                many files, or none; names the path.
        """
        return self._write({path: self._blob(t) for path, t in snapshot(folder, rules).items()})

    def read(self, tree: str) -> Mapping[str, str]:
        """Returns the text of every file of a tree by POSIX path, in order of path.

        Raises:
            LedgerError: The repository does not hold the tree.
        """
        return self._files(tree)

    def export(self, tree: str, folder: Path) -> None:
        """Writes a tree's files under ``folder``, as regular files of mode 0644.

        Args:
            tree: Id of the tree.
            folder: Created if absent; must not hold any of the files yet.

        Raises:
            HostError: A file cannot be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path, text in self.read(tree).items():
                _create(folder / path, text)
        except OSError as error:
            raise HostError(f"cannot write code to {folder}: {error.strerror}") from error

    def diff(self, before: str, after: str) -> str:
        """Returns the unified diff between two trees, empty if they are equal."""
        return self._tree(before).diff_to_tree(self._tree(after)).patch or ""

    def apply(self, parent: str, patch: Patch, rules: Rules) -> str | Failure:
        """Returns the id of the edited tree, or why the patch was refused.

        The failure's kind is PROTECTED (a path on no surface), UNSAFE (a path or text that no
        tree may hold, too many files), STALE (it deletes what is not there) or MALFORMED (two
        edits of one path).
        """
        blobs = dict(self._blobs(parent))
        failure = rules.check(patch, blobs)
        if failure is not None:
            return failure
        for edit in patch.edits:
            if edit.text is None:
                del blobs[edit.path]
            else:
                blobs[edit.path] = self._blob(edit.text)
        return self._write(blobs)

    def surfaces_of(self, tree: str, rules: Rules) -> Mapping[str, tuple[str, ...]]:
        """Returns the paths of a tree that belong to each surface; the first surface wins."""
        paths: dict[str, list[str]] = {name: [] for name in rules.surfaces}
        for path in self._blobs(tree):
            name = rules.surface_of(path)
            if name is not None:
                paths[name].append(path)
        return MappingProxyType({name: tuple(found) for name, found in paths.items()})

    def n_tokens(self, tree: str, rules: Rules) -> int:
        """Returns how long the files on a tree's surfaces are, in tokens."""
        paths = [path for found in self.surfaces_of(tree, rules).values() for path in found]
        return n_tokens(self.read(tree), paths)

    def unmatched(self, tree: str, rules: Rules) -> tuple[str, ...]:
        """Returns the surfaces that no file of a tree is on."""
        return tuple(name for name, paths in self.surfaces_of(tree, rules).items() if not paths)

    def merge(self, ancestor: str, ours: str, theirs: str) -> str | Failure:
        """Returns the three-way merge of two trees, or STALE if both changed the same lines."""
        index = self._repo.merge_trees(
            self._tree(ancestor), self._tree(ours), self._tree(theirs), flags=MergeFlag(0)
        )
        if index.conflicts is not None:
            paths = {side.path for sides in index.conflicts for side in sides if side is not None}
            return Failure(
                kind=FailureKind.STALE,
                detail=f"both sides changed {', '.join(sorted(paths))}",
            )
        return self._write_index(index)

    def commit(self, tree: str, *, number: int, message: str, at: int) -> str:
        """Makes a tree generation F``number`` and returns the id of its commit.

        The commit's parent is F``number - 1``; the branch ``main`` and the tag ``F{number}`` then
        point to it. Doing it again gives the same commit, also after a crash half-way.

        Args:
            tree: Id of the tree.
            number: k of F*k*, from 0.
            message: The commit message.
            at: Unix time in seconds, for author and committer.

        Raises:
            LedgerError: F``number`` is another tree already, or F``number - 1`` does not exist.
        """
        existing = self._generation(number)
        if existing is not None:
            if str(existing.tree_id) != tree:
                raise LedgerError(
                    f"F{number} in {self.path} holds tree {existing.tree_id}, not {tree}"
                )
            return str(existing.id)
        parents = []
        if number > 0:
            before = self._generation(number - 1)
            if before is None:
                raise LedgerError(f"F{number - 1} is missing from {self.path}")
            parents.append(before.id)
        author = pygit2.Signature("Filial", "filial@localhost", at, 0)
        text = message.replace("\0", "").encode("utf-8", "replace").decode()
        with _writing(self.path):
            commit = self._repo.create_commit(
                None, author, author, text, self._tree(tree).id, parents
            )
            # The tag comes last: once it is there, nothing is left to repair.
            self._repo.references.create(_BRANCH, commit, force=True)
            self._repo.references.create(f"refs/tags/F{number}", commit)
        return str(commit)

    def _generation(self, number: int) -> pygit2.Commit | None:
        reference = self._repo.references.get(f"refs/tags/F{number}")
        return None if reference is None else reference.peel(pygit2.Commit)

    def _tree(self, tree: str) -> pygit2.Tree:
        found = found_in(self._repo, tree)
        if not isinstance(found, pygit2.Tree):
            raise LedgerError(f"tree {tree} is missing from {self.path}")
        return found

    def _walk(self, tree: str) -> Mapping[str, str]:
        index = pygit2.Index()
        try:
            index.read_tree(self._tree(tree))
        except (pygit2.GitError, KeyError) as error:  # a folder in it
            raise LedgerError(f"tree {tree} is not whole in {self.path}: {error}") from error
        for entry in index:
            if entry.mode not in (FileMode.BLOB, FileMode.BLOB_EXECUTABLE):
                raise LedgerError(f"{entry.path} in tree {tree} is not a regular file")
        return MappingProxyType({entry.path: str(entry.id) for entry in index})

    def _read(self, tree: str) -> Mapping[str, str]:
        return MappingProxyType(
            {path: self._texts(blob) for path, blob in self._blobs(tree).items()}
        )

    def _text(self, blob: str) -> str:
        found = found_in(self._repo, blob)
        if not isinstance(found, pygit2.Blob):
            raise LedgerError(f"blob {blob} is missing from {self.path}")
        try:
            return found.data.decode()
        except UnicodeDecodeError:
            raise LedgerError(f"blob {blob} in {self.path} is no text") from None

    def _blob(self, text: str) -> str:
        with _writing(self.path):
            return str(self._repo.create_blob(text.encode()))

    def _write(self, blobs: Mapping[str, str]) -> str:
        index = pygit2.Index()
        for path, blob in blobs.items():
            index.add(pygit2.IndexEntry(path, pygit2.Oid(hex=blob), FileMode.BLOB))
        return self._write_index(index)

    def _write_index(self, index: pygit2.Index) -> str:
        with _writing(self.path):
            return str(index.write_tree(self._repo))


def found_in(repo: pygit2.Repository, name: str) -> pygit2.Object | None:
    """Returns the object of this id, or None if it is missing or damaged."""
    try:
        return repo.get(name)
    except (pygit2.GitError, ValueError):  # its content, or ``name`` itself
        return None


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turns git's trouble with writing into ours."""
    try:
        yield
    except (pygit2.GitError, OSError) as error:
        raise HostError(f"cannot write to {path}: {error}") from error


def _open(path: Path) -> pygit2.Repository:
    try:
        if not path.exists():
            _make(path)
        return pygit2.Repository(str(path))
    except (pygit2.GitError, OSError) as error:
        kind = LedgerError if path.exists() else HostError
        raise kind(f"cannot open the git repository {path}: {error}") from error


def _make(path: Path) -> None:
    """Makes a bare repository; it is complete or absent, whoever else makes it or dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = Path(tempfile.mkdtemp(prefix=f"{path.name}.tmp", dir=path.parent))
    staged = own / path.name  # with the usual mode, unlike ``own``
    try:
        repo = pygit2.init_repository(str(staged), bare=True, initial_head="main")
        # No commit refers to the trees of candidates; housekeeping must not throw them away.
        repo.config["gc.auto"] = 0
        repo.config["gc.pruneExpire"] = "never"
        staged.rename(path)
    except OSError:
        if not path.exists():  # else another process was faster
            raise
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _create(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o644)
        file.write(text.encode())
