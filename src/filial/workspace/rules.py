"""What a candidate's tree may hold, and which of its paths may be edited."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from filial.core import Failure, FailureKind

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


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern.endswith("/"):
        pattern += "**"
    tokens = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    meaning = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(
        "".join(meaning[token] if token in meaning else re.escape(token) for token in tokens)
    )
