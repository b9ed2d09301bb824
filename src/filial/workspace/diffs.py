"""Unified diffs as patches of whole texts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from filial.core import Edit, Failure, FailureKind, Patch

MAX_DIFF_CHARS = 2 << 20
"""Longest diff that is read."""
MAX_WORK_CHARS = 64 << 20
"""Most text that one diff may make us go through, all its sections and hunks together; a line
counts as so many characters more:"""
_LINE_CHARS = 8

_MAX_DETAIL_CHARS = 300
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_NO_NEWLINE = "\\"
_NULL = "/dev/null"
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f"}


def patch_from_diff(diff: str, files: Mapping[str, str]) -> Patch | Failure:
    """Returns the patch that a unified diff describes, applied to ``files``.

    Understands several files, new and deleted files, renames, git's extended headers, quoted
    paths, and paths with or without ``a/`` and ``b/``. Words around the diff are ignored. Every
    context and removed line must match exactly; a hunk whose line numbers are off is applied if
    its lines occur exactly once.

    Args:
        diff: The diff.
        files: Text of every file by path.

    Returns:
        The patch; or MALFORMED if the diff cannot be read, is too long or too laborious, or
        changes nothing, UNSAFE if it makes a symlink or other special file, STALE if it does not
        fit the files.
    """
    try:
        texts: dict[str, str | None] = {}
        work = _Work()
        for section in _sections(diff):
            _apply(section, files, texts, work)
    except _Refused as refused:
        return refused.failure
    edits = tuple(
        Edit(path=path, text=text) for path, text in texts.items() if files.get(path) != text
    )
    if not edits:
        return Failure(kind=FailureKind.MALFORMED, detail="the diff changes nothing")
    return Patch(edits=edits)


class _Refused(Exception):  # never leaves this module
    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        quoted = detail[:_MAX_DETAIL_CHARS]  # a diff may hold anything, terminal codes included
        safe = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in quoted)
        self.failure = Failure(kind=kind, detail=safe)


@dataclass(slots=True)
class _Work:
    """How much text has been gone through for one diff."""

    n_chars: int = 0

    def add(self, text: str) -> None:
        """Counts one pass over ``text``; raises _Refused if it is one too many."""
        self.n_chars += len(text) + _LINE_CHARS * text.count("\n")
        if self.n_chars > MAX_WORK_CHARS:
            raise _Refused(
                FailureKind.MALFORMED,
                "the diff goes through the same files too often; send whole files instead",
            )


@dataclass(slots=True, kw_only=True)
class _Hunk:
    start: int  # first line in the old text, from 1; the line before it if ``old`` is empty
    old: list[str] = field(default_factory=list)  # lines with their ends
    new: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Section:
    """The part of a diff about one file; None for a side that does not exist."""

    before: str | None = None
    after: str | None = None
    hunks: list[_Hunk] = field(default_factory=list)


def _sections(diff: str) -> list[_Section]:
    """Returns the sections of a diff; raises _Refused if it has none or cannot be read."""
    if len(diff) > MAX_DIFF_CHARS:
        raise _Refused(
            FailureKind.MALFORMED,
            f"a diff of {len(diff):,} characters; at most {MAX_DIFF_CHARS:,} are read",
        )
    lines = diff.split("\n")
    if lines[-1] == "":
        lines.pop()
    sections: list[_Section] = []
    at = 0
    while at < len(lines):
        at = _read(lines, at, sections)
    if not sections:
        raise _Refused(FailureKind.MALFORMED, "no file header ('--- PATH' and '+++ PATH') found")
    return sections


def _read(lines: list[str], at: int, sections: list[_Section]) -> int:
    """Reads what starts at line ``at`` into ``sections``; returns where the next thing starts."""
    line = lines[at]
    if line.startswith("diff --git "):
        section, at = _git_header(lines, at)
        sections.append(section)
        return at
    if _is_header(lines, at):
        before, after = _sides(line[4:], lines[at + 1][4:])
        sections.append(_Section(before=before, after=after))
        return at + 2
    if line.startswith("@@"):
        if not sections:
            raise _malformed(at, "a hunk before any file header")
        hunk, at = _hunk(lines, at)
        sections[-1].hunks.append(hunk)
        return at
    if sections and sections[-1].hunks and _is_stray(line):
        raise _malformed(at, "more lines than the hunk's header says")
    return at + 1


def _is_header(lines: list[str], at: int) -> bool:
    return lines[at].startswith("--- ") and "".join(lines[at + 1 : at + 2]).startswith("+++ ")


def _is_stray(line: str) -> bool:
    # "-- " opens the signature of a mailed patch.
    return line.startswith(("+", "-", " ")) and line.strip() != "--" and bool(line.strip())


def _git_header(lines: list[str], at: int) -> tuple[_Section, int]:
    """Reads ``diff --git`` and its extended headers up to the first hunk or the next file."""
    section = _Section()
    section.before = section.after = _git_path(lines[at][len("diff --git ") :])
    at += 1
    while at < len(lines) and not lines[at].startswith(("@@", "diff --git ")):
        if _is_header(lines, at):
            if section.before == section.after or None in (section.before, section.after):
                section.before, section.after = _sides(lines[at][4:], lines[at + 1][4:])
            return section, at + 2
        _extend(section, lines[at], at)
        at += 1
    return section, at


def _extend(section: _Section, line: str, at: int) -> None:
    mode = re.match(r"(?:new file mode|new mode|deleted file mode) (\d+)", line)
    if mode and not mode[1].startswith("100"):
        raise _Refused(FailureKind.UNSAFE, f"line {at + 1}: not a regular file: {line}")
    if line.startswith("new file mode"):
        section.before = None
    elif line.startswith("deleted file mode"):
        section.after = None
    elif line.startswith("rename from "):
        section.before = _unquoted(line[len("rename from ") :])
    elif line.startswith("rename to "):
        section.after = _unquoted(line[len("rename to ") :])
    elif line.startswith(("copy from ", "GIT binary patch", "Binary files ")):
        raise _malformed(at, f"copies and binary files are not supported: {line}")


def _git_path(text: str) -> str | None:
    """Returns the path in ``a/PATH b/PATH``; None if the two differ, as in a rename."""
    if text.startswith('"'):
        before, _, after = text.partition('" "')
        before, after = _unquoted(before + '"'), _unquoted('"' + after)
    else:
        before, after = text[: len(text) // 2], text[len(text) // 2 + 1 :]
    before, after = before.removeprefix("a/"), after.removeprefix("b/")
    return before if before == after else None


def _sides(before: str, after: str) -> tuple[str | None, str | None]:
    """Returns the paths in the two header lines, without prefixes; None for ``/dev/null``."""
    before, after = (_unquoted(side.split("\t")[0].rstrip("\r ")) for side in (before, after))
    bare_before, bare_after = before.removeprefix("a/"), after.removeprefix("b/")
    if before == _NULL:
        return None, None if after == _NULL else bare_after
    if after == _NULL:
        return bare_before, None
    if bare_before == bare_after:
        return bare_before, bare_after
    if before == after:
        return before, after
    raise _Refused(FailureKind.MALFORMED, f"{before} and {after} are not the same file")


def _unquoted(path: str) -> str:
    """Undoes git's C-style quoting of unusual paths."""
    if not (len(path) > 1 and path.startswith('"') and path.endswith('"')):
        return path

    def byte(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(byte, path[1:-1].encode("utf-8", "replace")).decode("utf-8", "replace")


def _hunk(lines: list[str], at: int) -> tuple[_Hunk, int]:
    header = _HUNK.match(lines[at])
    if header is None:
        raise _malformed(at, f"not a hunk header: {lines[at]!r}")
    n_old, n_new = int(header[2] or 1), int(header[4] or 1)
    hunk = _Hunk(start=int(header[1]))
    at += 1
    while len(hunk.old) < n_old or len(hunk.new) < n_new:
        if at == len(lines):
            raise _malformed(at, "the hunk is shorter than its header says")
        _take(hunk, lines[at], at)
        at += 1
        if at < len(lines) and lines[at].startswith(_NO_NEWLINE):
            _trim(hunk, lines[at - 1])
            at += 1
    if len(hunk.old) > n_old or len(hunk.new) > n_new:
        raise _malformed(at - 1, "the hunk is longer than its header says")
    return hunk, at


def _take(hunk: _Hunk, line: str, at: int) -> None:
    mark, text = line[:1] or " ", f"{line[1:]}\n"
    if mark not in "+- ":
        raise _malformed(at, f"not a line of a hunk: {line!r}")
    if mark != "+":
        hunk.old.append(text)
    if mark != "-":
        hunk.new.append(text)


def _trim(hunk: _Hunk, line: str) -> None:
    """Takes the line end off the last line, on the sides that ``line`` stands on."""
    if not line.startswith("+"):
        hunk.old[-1] = hunk.old[-1][:-1]
    if not line.startswith("-"):
        hunk.new[-1] = hunk.new[-1][:-1]


def _apply(
    section: _Section, files: Mapping[str, str], texts: dict[str, str | None], work: _Work
) -> None:
    """Applies a section on top of ``texts``, the files that were changed so far."""
    before, after = section.before, section.after
    path = after or before
    if path is None:
        raise _Refused(FailureKind.MALFORMED, "a section of the diff names no file")
    old = "" if before is None else texts.get(before, files.get(before))
    if old is None:
        raise _Refused(FailureKind.STALE, f"{before} does not exist")
    if after != before and after is not None and texts.get(after, files.get(after)) is not None:
        raise _Refused(FailureKind.STALE, f"{after} exists already")
    new = _patched(old, section.hunks, path, work)
    if after is None and new:
        raise _Refused(FailureKind.STALE, f"{path} is deleted, but not all of its lines are")
    if before is not None:
        texts[before] = None
    if after is not None:
        texts[after] = new


def _patched(text: str, hunks: list[_Hunk], path: str, work: _Work) -> str:
    if not hunks:
        return text
    work.add(text)
    lines = _lines(text)
    result: list[str] = []
    done = drift = 0
    for number, hunk in enumerate(hunks, start=1):
        stated = hunk.start - (1 if hunk.old else 0) + drift
        at: int | None = stated
        if not (done <= stated <= len(lines) and _stands(lines, stated, hunk.old)):
            work.add(text)
            at = _only_place(lines, hunk.old, done)
        if at is None:
            raise _Refused(FailureKind.STALE, f"{path}: hunk {number} does not match the file")
        drift += at - stated
        result += lines[done:at] + hunk.new
        done = at + len(hunk.old)
    result += lines[done:]
    if not all(line.endswith("\n") for line in result[:-1]):
        raise _Refused(FailureKind.STALE, f"{path}: a line without its end is not the last")
    return "".join(result)


def _stands(lines: list[str], at: int, old: list[str]) -> bool:
    return lines[at : at + len(old)] == old


def _only_place(lines: list[str], old: list[str], done: int) -> int | None:
    """Returns the only place from ``done`` on where the lines ``old`` stand, or None.

    Searching the text instead of comparing lines takes time in proportion to its length, whatever
    repeats in it.
    """
    if not old:
        return None
    if not old[-1].endswith("\n"):  # only the file's last line has no end
        at = len(lines) - len(old)
        return at if at >= done and _stands(lines, at, old) else None
    text = "\n" + "".join(lines[done:])
    wanted = "\n" + "".join(old)
    first = text.find(wanted)
    if first < 0 or text.find(wanted, first + 1) >= 0:
        return None
    return done + text.count("\n", 0, first)


def _lines(text: str) -> list[str]:
    """Splits at line feeds only, keeping them."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _malformed(at: int, detail: str) -> _Refused:
    return _Refused(FailureKind.MALFORMED, f"line {at + 1}: {detail}")
