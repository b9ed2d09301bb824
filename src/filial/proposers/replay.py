"""Proposals read from a file of JSON lines: for experiments, tests and second looks."""

import difflib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Self

from filial.core import Brief, Edit, Failure, FailureKind, Patch, Prediction, Proposal

ApplyDiff = Callable[[str, Mapping[str, str]], Patch | Failure]
"""(unified diff, files by path) -> patch, or why it does not apply."""

KEYS = ("hypothesis", "predicted", "files", "diff")


class Replay:
    """Returns line *n* for proposal *n*, so it must be the study's only source of proposals.

    A line is ``{"hypothesis": str, "predicted": {"metric": str, "effect": float} | null, ...}``
    and either ``"files": {path: text | null}`` (null deletes) or ``"diff": "unified diff"``.
    ``predicted`` may be left out. Blank lines do not count. A line that is anything else becomes a
    proposal with a ``MALFORMED`` failure that names the line and the problem.

    Args:
        lines: The lines, kept as they are and read one at a time.
        apply_diff: Turns a diff into a patch.
    """

    name = "replay"

    def __init__(self, lines: Iterable[str], apply_diff: ApplyDiff) -> None:
        kept = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
        self._numbers = [n for n, _ in kept]
        self._line: Callable[[int], str] = lambda index: kept[index][1]
        self._apply_diff = apply_diff

    @classmethod
    def from_file(cls, path: Path, apply_diff: ApplyDiff) -> Self:
        """Returns a replay of a file in UTF-8, which stays on disk and must not change.

        Raises:
            OSError: if the file cannot be read.
        """
        replay = cls((), apply_diff)
        lines = _LinesOnDisk(path)
        replay._numbers, replay._line = lines.numbers, lines.read
        return replay

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns the proposal of line ``brief.index``, or None beyond the last line."""
        if brief.index >= len(self._numbers):
            return None
        where = f"line {self._numbers[brief.index]}"
        try:
            return self._read(self._line(brief.index), brief.files, where)
        except _MalformedLine as problem:
            # A line may hold anything, terminal codes included, and be as long as it likes.
            words = str(problem)[:_MAX_DETAIL_CHARS]
            safe = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in words)
            failure = Failure(kind=FailureKind.MALFORMED, detail=f"{where}: {safe}")
            return Proposal(hypothesis="", failure=failure)

    def _read(self, line: str, files: Mapping[str, str], where: str) -> Proposal:
        record = _record(line)
        hypothesis, predicted = _hypothesis(record), _predicted(record.get("predicted"))
        if ("files" in record) == ("diff" in record):
            raise _MalformedLine("give either 'files' or 'diff'")
        if "files" in record:
            patch: Patch | Failure = _patch(record["files"])
        elif isinstance(record["diff"], str):
            patch = self._apply_diff(record["diff"], files)
        else:
            raise _MalformedLine("'diff' must be a string")
        if isinstance(patch, Failure):
            failure = Failure(kind=patch.kind, detail=f"{where}: {patch.detail}")
            return Proposal(hypothesis=hypothesis, predicted=predicted, failure=failure)
        return Proposal(hypothesis=hypothesis, predicted=predicted, patch=patch)


_MAX_DETAIL_CHARS = 300


class _MalformedLine(Exception):
    """This line is not a proposal; never leaves this module."""


class _LinesOnDisk:
    """The lines of a file that are not blank, read one at a time by their offsets."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets: list[int] = []
        self.numbers: list[int] = []
        offset = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    self._offsets.append(offset)
                    self.numbers.append(number)
                offset += len(line)

    def read(self, index: int) -> str:
        """Returns one line; bytes that are not UTF-8 become lone surrogates."""
        with self._path.open("rb") as file:
            file.seek(self._offsets[index])
            return file.readline().decode(errors="surrogateescape")


def _record(line: str) -> dict[str, object]:
    if not _is_unicode(line):
        raise _MalformedLine("not UTF-8")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _MalformedLine(f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise _MalformedLine("not a JSON object")
    for key in record:
        if key not in KEYS:
            nearest = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
            raise _MalformedLine(f"unknown key {key!r}{hint}")
    return record


def _hypothesis(record: Mapping[str, object]) -> str:
    hypothesis = record.get("hypothesis")
    if not isinstance(hypothesis, str) or not hypothesis.strip() or not _is_unicode(hypothesis):
        raise _MalformedLine("'hypothesis' must be a sentence")
    return hypothesis


def _predicted(value: object) -> Prediction | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"metric", "effect"}:
        raise _MalformedLine("'predicted' must be null or have exactly 'metric' and 'effect'")
    metric, effect = value["metric"], value["effect"]
    if not isinstance(metric, str) or not metric or not _is_unicode(metric):
        raise _MalformedLine("'metric' must be a name")
    if isinstance(effect, bool) or not isinstance(effect, int | float):
        raise _MalformedLine("'effect' must be a number")
    try:
        number = float(effect)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _MalformedLine("'effect' must be finite")
    return Prediction(metric=metric, effect=number)


def _patch(files: object) -> Patch:
    if not isinstance(files, dict):
        raise _MalformedLine("'files' must map paths to texts")
    for path, text in files.items():
        if text is not None and not isinstance(text, str):
            raise _MalformedLine(f"the text of {path!r} must be a string or null")
        if not _is_unicode(path) or not _is_unicode(text or ""):
            raise _MalformedLine(f"the text of {path!r} is not Unicode")
    return Patch(edits=tuple(Edit(path=path, text=text) for path, text in files.items()))


def _is_unicode(text: str) -> bool:
    """Whether ``text`` has no lone surrogates, which no file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
