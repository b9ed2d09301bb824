"""Pieces of an answer (`pieces.py`), applied to the files of a brief."""

import ast
import re
import warnings
from collections.abc import Mapping

from filial.core import Edit, Failure, FailureKind
from filial.proposers.grafts import merge
from filial.proposers.pieces import Block, Piece, Swap
from filial.proposers.replay import ApplyDiff
from filial.proposers.sites import Source, compile_error, scan
from filial.proposers.swaps import NoPlace, swap
from filial.proposers.unknowns import undefined_names

MAX_PIECES = 64
"""Most edits of one answer."""
_MAX_MERGED_CHARS = 128 << 10  # LibCST takes more than a second for so much
_MAX_ALL_MERGED_CHARS = 512 << 10  # of one answer
_MAX_LINE = 120  # characters of a quoted line
_MAX_NAMED = 20  # paths or definitions in a message
_DIFFS = {"diff", "patch", "udiff"}
_CODE = {"", "python", "py", "python3"}
_SHELLS = {"bash", "sh", "shell", "console", "zsh", "text", "txt", "output", "plaintext"}
_HUNK = re.compile(r"@@(?: -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})?)?[^@]*+(?:@@)?")
_ELLIPSIS = re.compile(r"\s*(?:#|//)\s*(?:\.\.\.|…)")
_ELIDED = ("unchanged", "existing code", "rest of", "same as before", "remaining code")


class Unusable(Exception):
    """An edit that cannot be applied; the message says why in words for its author."""

    def __init__(self, words: str, kind: FailureKind = FailureKind.MALFORMED) -> None:
        super().__init__(words)
        self.words, self.kind = words, kind


class Draft:
    """The files of a brief with the edits of one answer so far.

    Args:
        files: Text of every file, by path.
        editable: Paths that may be edited.
        apply_diff: Turns a unified diff into a patch.
    """

    def __init__(
        self, files: Mapping[str, str], editable: tuple[str, ...], apply_diff: ApplyDiff
    ) -> None:
        self._files, self._editable = files, editable
        self._apply_diff = apply_diff
        self._texts: dict[str, str | None] = {}
        self._n_merged = 0

    def apply(self, piece: Piece) -> bool:
        """Applies one piece; False if it is no edit but an example or a command.

        Raises:
            Unusable: It is an edit, and cannot be applied.
        """
        if isinstance(piece, Swap):
            self._swap(piece)
        elif _is_diff(piece):
            self._diff(piece)
        elif piece.title:
            return self._titled(piece)
        else:
            return piece.language in _CODE and self._untitled(piece)
        return True

    def put(self, path: str, text: str | None) -> None:
        """Sets the whole text of a file; None deletes it.

        Raises:
            Unusable: It may not be edited.
        """
        path = self._path(path)
        old = self._texts.get(path, self._files.get(path))
        if text is not None:
            text = text if text.endswith("\n") or not text else f"{text}\n"
            text = text.replace("\n", "\r\n") if _is_crlf(old or "") else text
        self._texts[path] = text

    def edits(self) -> tuple[Edit, ...]:
        """Returns the edits that change something.

        Raises:
            Unusable: None does; or nothing but comments, docstrings and layout changes.
        """
        changed = {p: t for p, t in self._texts.items() if t != self._files.get(p)}
        if not changed:
            paths = ", ".join(self._texts)
            raise Unusable(f"the answer changes nothing: {paths} would stay as it is")
        if all(_means_the_same(p, self._files.get(p), t) for p, t in changed.items()):
            paths = ", ".join(changed)
            raise Unusable(f"only comments, docstrings or layout of {paths} would change")
        return tuple(Edit(path=path, text=text) for path, text in changed.items())

    def _path(self, title: str) -> str:
        path = title.removeprefix("./")
        if path not in self._editable:
            raise Unusable(
                f"{path} may not be edited; {_allowed(self._editable)}", FailureKind.PROTECTED
            )
        return path

    def _text(self, path: str) -> str:
        text = self._texts.get(path, self._files.get(path))
        return (text or "").replace("\r\n", "\n")

    def _swap(self, piece: Swap) -> None:
        where = f"the SEARCH/REPLACE pair in line {piece.line} of the answer"
        path = self._path(piece.title.partition("::")[0]) if piece.title else self._home(piece)
        text = self._text(path)
        if not text.strip() and not piece.search.strip():
            self.put(path, piece.replace)
            return
        try:
            self.put(path, swap(text, piece.search, piece.replace))
        except NoPlace as problem:
            raise Unusable(f"{where} does not fit {path}: {problem}", FailureKind.STALE) from None

    def _home(self, piece: Swap) -> str:
        """Returns the only file in which a pair without a path fits."""
        homes = [p for p in self._editable if piece.search in self._text(p)]
        if len(self._editable) == 1:
            homes = list(self._editable)
        if len(homes) == 1:
            return homes[0]
        raise Unusable(
            f"the SEARCH/REPLACE pair in line {piece.line} of the answer names no file; "
            f"put its path on the line before; {_allowed(self._editable)}"
        )

    def _diff(self, piece: Block) -> None:
        text = piece.text
        if piece.title and "--- " not in text:
            path = self._path(piece.title.partition("::")[0])
            text = f"--- a/{path}\n+++ b/{path}\n{text}"
        files = {path: self._text(path) for path in (*self._files, *self._texts)}
        patch = self._apply_diff(text, files)
        if isinstance(patch, Failure):
            patch = self._apply_diff(_recounted(text), files)
        if isinstance(patch, Failure):
            raise Unusable(f"the diff does not apply: {patch.detail}", patch.kind)
        for edit in patch.edits:
            self.put(edit.path, edit.text)

    def _titled(self, piece: Block) -> bool:
        title, _, name = piece.title.partition("::")
        known = title.removeprefix("./") in self._files
        if piece.language in _SHELLS and not known:
            return False
        path = self._path(title)
        if name or _is_fragment(path, piece.text, self._text(path)):
            self._merge(path, piece, name)
            return True
        elided = _elision(piece.text, self._text(path))
        if elided:
            raise Unusable(
                f"the block for {path} leaves code out ({elided}); give the whole file, "
                "or SEARCH/REPLACE pairs"
            )
        self.put(path, piece.text)
        return True

    def _untitled(self, piece: Block) -> bool:
        """Applies a block without a path to the only file that has its definitions."""
        new = _source(piece.text)
        if new is None:
            return self._complain(piece)
        homes = []
        for path in self._editable:
            old = _source(self._text(path)) if path.endswith(".py") else None
            if old is not None and new.definitions and _is_of(new, old):
                homes.append((path, old))
        if len(homes) > 1:
            paths = ", ".join(path for path, _ in homes[:_MAX_NAMED])
            raise Unusable(
                f"the block in line {piece.line} of the answer fits {paths}; name the file"
            )
        if homes:
            self._merge(homes[0][0], piece, "")
            return True
        return self._stands_for_all(piece, new)

    def _stands_for_all(self, piece: Block, new: Source) -> bool:
        """Takes a block for the only editable file if it defines all that the file did."""
        if len(self._editable) != 1:
            return False
        old = _source(self._text(self._editable[0]))
        if (
            old is None
            or not old.definitions
            or not all(new.binds(d.name) for d in old.definitions)
        ):
            return False
        self.put(self._editable[0], piece.text)
        return True

    def _complain(self, piece: Block) -> bool:
        """Raises Unusable if a block that is not Python tries to define what a file does."""
        for path in self._editable:
            old = _source(self._text(path)) if path.endswith(".py") else None
            for one in old.definitions if old is not None else ():
                if f"def {one.name}(" in piece.text or f"class {one.name}" in piece.text:
                    raise Unusable(f"{one.name}: {_wrong(piece)}", FailureKind.SYNTAX)
        return False

    def _merge(self, path: str, piece: Block, name: str) -> None:
        """Replaces the definitions of a file that a block has, ``name`` among them if given."""
        if len(piece.text) > _MAX_MERGED_CHARS:
            raise Unusable(f"the block for {path} is too long; give the whole file instead")
        self._n_merged += len(self._text(path)) + len(piece.text)
        if self._n_merged > _MAX_ALL_MERGED_CHARS:
            raise Unusable(f"too many definitions of {path} change; give the whole file instead")
        old, new = _source(self._text(path)), _source(piece.text)
        if old is None:
            raise Unusable(f"{path} cannot be read as Python; give the whole file")
        if new is None:
            raise Unusable(f"{path}: {_wrong(piece)}", FailureKind.SYNTAX)
        present = [d.name for d in old.definitions]
        if name and name not in present:
            names = ", ".join(dict.fromkeys(present[:_MAX_NAMED]))
            raise Unusable(f"{path} has no top-level {name} to replace; it has {names}")
        text = merge(old, new) if not name or new.definition(name) else None
        if text is None:
            raise Unusable(f"the block for {path} does not define {name or 'anything of it'}")
        self.put(path, text)


def _is_diff(piece: Block) -> bool:
    if piece.language in _DIFFS:
        return True
    has_hunk = piece.text.startswith("@@ ") or "\n@@ " in piece.text
    return has_hunk and "\n+++ " in f"\n{piece.text}"


def _is_fragment(path: str, text: str, whole: str) -> bool:
    """Whether a block can only be a part of the file: it needs what only the file defines."""
    old = _source(whole) if path.endswith(".py") else None
    new = _source(text) if old is not None else None
    if old is None or new is None or not _is_of(new, old):
        return False
    needed = undefined_names(text) - undefined_names(whole)
    return any(old.binds(name) for name in needed)


def _is_of(new: Source, old: Source) -> bool:
    """Whether a piece of code is definitions and imports only, one at least of the file's."""
    n_other = len(new.starts) - len(new.definitions) - len(new.imports)
    if n_other and new.data[new.starts[0] : new.starts[0] + 1] in {b'"', b"'"}:
        n_other -= 1  # a docstring
    return not n_other and any(old.definition(d.name) is not None for d in new.definitions)


def _allowed(editable: tuple[str, ...]) -> str:
    if not editable:
        return "no file may"
    more = ", …" if len(editable) > _MAX_NAMED else ""
    return f"these files may: {', '.join(editable[:_MAX_NAMED])}{more}"


def _source(text: str) -> Source | None:
    return scan(text) if len(text) <= _MAX_MERGED_CHARS else None


def _is_crlf(text: str) -> bool:
    return "\r\n" in text and text.count("\r\n") == text.count("\n")


def _elision(text: str, old: str) -> str:
    """Returns the first comment that stands for code left out; empty if there is none."""
    for line in text.split("\n"):
        words = line.lower()
        if _ELLIPSIS.match(line) and line not in old and any(w in words for w in _ELIDED):
            return line.strip()[:80]
    return ""


def _wrong(piece: Block) -> str:
    """Returns where and why a block is not Python, quoting the line."""
    wrong = compile_error(piece.text)
    if wrong is None:
        return "the block is too long or too strange to take apart; give the whole file"
    lines = piece.text.split("\n")
    line = lines[min(wrong[0], len(lines)) - 1].strip()[:_MAX_LINE]
    return f"the block is not Python: line {wrong[0]}: {wrong[1]}: `{line}`"


def _means_the_same(path: str, old: str | None, new: str | None) -> bool:
    if old is None or new is None or not path.endswith(".py"):
        return False
    before = _meaning(old)
    return before is not None and before == _meaning(new)


def _meaning(text: str) -> str | None:
    """Returns a program's syntax tree without docstrings as text; None if it cannot be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_string(body[0]):
                body[0] = ast.Pass()
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None


def _is_string(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _recounted(diff: str) -> str:
    """Returns a diff whose hunk headers say how many lines follow: models miscount."""
    lines = diff.rstrip("\n").split("\n")
    out: list[str] = []
    n_old = n_new = 0
    for line in reversed(lines):
        header = _HUNK.match(line) if line.startswith("@@") else None
        if header:
            old, new = header[1] or "1", header[2] or "1"
            out.append(f"@@ -{old},{n_old} +{new},{n_new} @@")
        else:
            out.append(line)
            n_old += line[:1] not in {"+", "\\"}
            n_new += line[:1] not in {"-", "\\"}
        if header or line.startswith(("--- ", "diff --git ")):
            n_old = n_new = 0
    return "\n".join(reversed(out)) + "\n"
