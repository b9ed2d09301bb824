"""What a candidate's tree may hold, and which of its paths may be edited."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

from filial.core import Edit, Failure, FailureKind, Patch

_MAX_COMPONENT_BYTES = 255
_MAX_PATH_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What edits may do.

    Attributes:
        surfaces: Name of each surface to glob patterns relative to the tree: ``*`` and ``?`` stay
            within a folder, ``**`` crosses folders, a trailing ``/`` means everything below.
        max_file_bytes: Largest file, in bytes of UTF-8.
        max_files: Most files in a tree.
    """

    surfaces: Mapping[str, tuple[str, ...]]
    max_file_bytes: int = 256 << 10
    max_files: int = 1000

    def surface_of(self, path: str) -> str | None:
        """Returns the first surface that ``path`` is on, or None if it is protected."""
        for name, patterns in self.surfaces.items():
            if any(_compiled(pattern).fullmatch(path) for pattern in patterns):
                return name
        return None

    def check(self, patch: Patch, paths: Collection[str]) -> Failure | None:
        """Returns why ``patch`` must not be applied to a tree with files at ``paths``, or None.

        The failure's kind is UNSAFE, PROTECTED, STALE (it deletes what is not there) or MALFORMED
        (two edits of one path).
        """
        present, seen = set(paths), set[str]()
        n_files = len((present | _paths(patch, deleted=False)) - _paths(patch, deleted=True))
        if n_files > self.max_files:
            return Failure(
                kind=FailureKind.UNSAFE,
                detail=f"the tree would have {n_files} files; at most {self.max_files}",
            )
        for edit in patch.edits:
            failure = (
                self.check_path(edit.path)
                or _repeated(edit, seen)
                or _misplaced(edit.path, present)
                or self._check_text(edit, present)
            )
            if failure is not None:
                return failure
            seen.add(edit.path)
            (present.discard if edit.text is None else present.add)(edit.path)
        return None

    def check_path(self, path: str) -> Failure | None:
        """Returns the failure of an edit at ``path``: UNSAFE or PROTECTED, or None."""
        wrong = wrong_path(path)
        if wrong:
            return Failure(kind=FailureKind.UNSAFE, detail=f"path {path!r} {wrong}")
        if self.surface_of(path) is None:
            surfaces = "; ".join(
                f"{name}: {', '.join(patterns)}" for name, patterns in self.surfaces.items()
            )
            return Failure(
                kind=FailureKind.PROTECTED,
                detail=f"{path} is on no surface; these may be edited: {surfaces}",
            )
        return None

    def wrong_text(self, text: str) -> str | None:
        """Returns why ``text`` cannot be a file of a tree, or None if it can."""
        try:
            n_bytes = len(text.encode())
        except UnicodeEncodeError:
            return "is not valid UTF-8"
        if "\0" in text:
            return "is binary: it holds a NUL"
        if n_bytes > self.max_file_bytes:
            return f"has {n_bytes} bytes; at most {self.max_file_bytes} are allowed"
        return None

    def _check_text(self, edit: Edit, present: Collection[str]) -> Failure | None:
        if edit.text is None:
            if edit.path in present:
                return None
            detail = f"{edit.path} is not there to be deleted"
            return Failure(kind=FailureKind.STALE, detail=detail)
        wrong = self.wrong_text(edit.text)
        return Failure(kind=FailureKind.UNSAFE, detail=f"{edit.path} {wrong}") if wrong else None


def wrong_path(path: str) -> str | None:
    """Returns why ``path`` can never be part of a tree, or None if it can.

    What this does not cover: names that differ only in case or Unicode normalisation, which some
    file systems take for one file.
    """
    parts = path.split("/")
    checks = (
        (path.startswith("/"), "is absolute"),
        ("\\" in path, "holds a backslash"),
        # All of Unicode's class C: control, format, private, unassigned, lone surrogates.
        (any(unicodedata.category(c)[0] == "C" for c in path), "holds a control character"),
        (not {"", ".", ".."}.isdisjoint(parts), "has an empty, '.' or '..' component"),
        (any(_is_git(part) for part in parts), "leads into a .git folder"),
        (_n_bytes(path) > _MAX_PATH_BYTES, "is too long"),
        (max(map(_n_bytes, parts)) > _MAX_COMPONENT_BYTES, "has a component that is too long"),
    )
    return next((why for is_wrong, why in checks if is_wrong), None)


def _is_git(part: str) -> bool:
    return part.casefold().rstrip(". ") in {".git", "git~1"}


def _n_bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _paths(patch: Patch, *, deleted: bool) -> set[str]:
    return {edit.path for edit in patch.edits if (edit.text is None) == deleted}


def _repeated(edit: Edit, seen: Collection[str]) -> Failure | None:
    if edit.path not in seen:
        return None
    return Failure(kind=FailureKind.MALFORMED, detail=f"{edit.path} is edited more than once")


def _misplaced(path: str, present: Collection[str]) -> Failure | None:
    """Returns UNSAFE if a file is where ``path`` needs a folder, or the reverse."""
    above = path.rpartition("/")[0]
    while above:
        if above in present:
            return Failure(
                kind=FailureKind.UNSAFE, detail=f"path {path!r} leads through the file {above!r}"
            )
        above = above.rpartition("/")[0]
    if path not in present and any(other.startswith(f"{path}/") for other in present):
        return Failure(kind=FailureKind.UNSAFE, detail=f"path {path!r} is a folder")
    return None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.endswith("/"):
        pattern += "**"
    tokens = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(meaning[token] if token in meaning else re.escape(token) for token in tokens)
    )
