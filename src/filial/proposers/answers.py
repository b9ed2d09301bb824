"""A model's answer in words and code -> hypothesis, prediction and patch, or what is wrong."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from filial.core import FailureKind, Patch, Prediction
from filial.core.plain import one_line
from filial.proposers.edits import MAX_PIECES, Draft, Unusable
from filial.proposers.pieces import Block, Piece, Pieces, take_apart
from filial.proposers.replay import ApplyDiff

MAX_CHARS = 1 << 20
"""Longest answer that is read."""
_MAX_HYPOTHESIS = 500  # characters
_MAX_LINES = 20  # of a hypothesis
_LONGEST_HEADER = 1000  # characters of a line
_KEYS = ("files", "diff", "edits")
_UNPRINTABLE = dict.fromkeys([*range(9), 11, *range(14, 32), 127, 0x200B, 0xFEFF])
_HYPOTHESIS = re.compile(r"[\s#*_>/-]*hypothesis[\s*_`]*:[\s*_`]*", re.IGNORECASE)
_GAIN = re.compile(r"[\s#*_>/-]*(?:expected|predicted) gain\b[^:]{0,40}:", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![\w.])[-+\u2212]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,4})?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that can be used.

    Attributes:
        hypothesis: In the model's words, on one line; empty if it stated none.
        predicted: The effect it expects, or None.
        patch: Edits that change something, all within the surfaces.
    """

    hypothesis: str
    predicted: Prediction | None
    patch: Patch


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why an answer cannot be used.

    Attributes:
        text: In words that help its author to mend it; it may quote the answer and the files.
        kind: MALFORMED; or PROTECTED, STALE or SYNTAX where that says it better.
        hypothesis: As in an answer.
    """

    text: str
    kind: FailureKind = FailureKind.MALFORMED
    hypothesis: str = ""


def read(
    text: str,
    files: Mapping[str, str],
    surfaces: Mapping[str, tuple[str, ...]],
    apply_diff: ApplyDiff,
    metric: str,
) -> Answer | Problem:
    """Returns what a model's answer asks for. It raises nothing, whatever the answer holds.

    Edits are, in any mixture and in this order of precedence: SEARCH/REPLACE pairs; unified
    diffs; fenced blocks that name a file, which are the file's whole text, or with ``::NAME`` or
    where they cannot stand alone replace the definitions they hold; fenced blocks of definitions
    that only one file has. Or the answer is JSON: ``{"hypothesis": …, "predicted": NUMBER,
    "files": {PATH: TEXT}}`` or ``"diff"`` in place of ``"files"``. ``Hypothesis: …`` and
    ``Expected gain: 0.02 [0.00, 0.05]`` may stand anywhere outside blocks, the range may be left
    out, and a prediction that cannot be read is none.

    Args:
        text: The answer; prose around the edits is ignored, as is ``<think>…</think>``.
        files: Text of every file of the parent, by path.
        surfaces: Name of each surface to the paths that may be edited.
        apply_diff: Turns a unified diff into a patch.
        metric: Name of the metric that predictions are about.

    Returns:
        The answer; or the first problem, of which nothing is applied.

    What this does not cover: whether the new files parse; screens find out.
    """
    if len(text) > MAX_CHARS:
        return Problem(
            text=f"the answer has {len(text):,} characters; at most {MAX_CHARS:,} are read"
        )
    text = _clean(text)
    if not text.strip():
        return Problem(text="the answer is empty")
    editable = tuple(dict.fromkeys(path for paths in surfaces.values() for path in paths))
    draft = Draft(files, editable, apply_diff)
    record = _record(text)
    pieces = take_apart(text) if record is None else Pieces(prose=(), edits=())
    hypothesis = _hypothesis(pieces, record)
    try:
        if record is None:
            _apply(draft, pieces)
        else:
            _apply_record(draft, record)
        patch = Patch(edits=draft.edits())
    except Unusable as problem:
        return Problem(text=problem.words, kind=problem.kind, hypothesis=hypothesis)
    predicted = _predicted(pieces, record, metric)
    return Answer(hypothesis=hypothesis, predicted=predicted, patch=patch)


def _clean(text: str) -> str:
    text = text.encode("utf-8", "ignore").decode()  # lone surrogates, which no file can hold
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_UNPRINTABLE)
    # The chat template of some models opens the thought, so that the answer only closes it.
    thought, end, rest = text.partition("\n</think>")
    return rest if end and "<think" not in thought else text


def _apply(draft: Draft, pieces: Pieces) -> None:
    if pieces.trouble:
        raise Unusable(pieces.trouble)
    edits = pieces.edits or _bare_diff(pieces)
    if len(edits) > MAX_PIECES:
        raise Unusable(f"the answer has {len(edits)} blocks; at most {MAX_PIECES} are read")
    if sum([draft.apply(piece) for piece in edits]) == 0:
        raise Unusable(_nothing_in(edits))


def _bare_diff(pieces: Pieces) -> tuple[Piece, ...]:
    """Returns the prose as a diff if it is one, outside any block."""
    text = "".join(f"{line}\n" for line in pieces.prose)
    is_diff = "\n+++ " in text and "\n@@" in text
    return (Block(line=1, language="diff", text=text),) if is_diff else ()


def _nothing_in(edits: tuple[Piece, ...]) -> str:
    wanted = (
        "put the path after the opening fence, as in ```python PATH, or use SEARCH/REPLACE pairs"
    )
    if not edits:
        return f"the answer has no code block; {wanted}"
    return f"the block in line {edits[0].line} of the answer names no file; {wanted}"


def _record(text: str) -> dict[str, object] | None:
    """Returns the answer if it is JSON of the agreed form, bare or in the only block; or None."""
    start = text.find("{")
    before = text[:start].strip()
    if start < 0 or (before and not before.endswith(("```json", "```JSON", "```"))):
        return None
    try:
        record, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not any(key in record for key in _KEYS):
        return None
    return record


def _apply_record(draft: Draft, record: dict[str, object]) -> None:
    files, diff = record.get("files", record.get("edits")), record.get("diff")
    if isinstance(diff, str) and files is None:
        draft.apply(Block(line=1, language="diff", text=_clean(diff)))
        return
    if not isinstance(files, dict) or diff is not None:
        raise Unusable("give either 'files', which maps paths to texts, or 'diff', a string")
    for path, text in files.items():
        if text is not None and not isinstance(text, str):
            raise Unusable(f"the text of {one_line(str(path), 80)} must be a string or null")
        draft.put(path, None if text is None else _clean(text))


def _hypothesis(pieces: Pieces, record: dict[str, object] | None) -> str:
    if record is not None:
        stated = record.get("hypothesis")
        return one_line(stated, _MAX_HYPOTHESIS) if isinstance(stated, str) else ""
    for i, line in enumerate(pieces.prose):
        label = _HYPOTHESIS.match(line[:_LONGEST_HEADER])
        if label is None:
            continue
        words = [line[label.end() :]]
        for more in pieces.prose[i + 1 : i + _MAX_LINES]:
            if not more.strip() or _GAIN.match(more[:_LONGEST_HEADER]):
                break
            words.append(more)
        sentence = " ".join(words)[: 4 * _MAX_HYPOTHESIS].strip(" *_`")
        if sentence:
            return one_line(sentence, _MAX_HYPOTHESIS)
    return ""


def _predicted(pieces: Pieces, record: dict[str, object] | None, metric: str) -> Prediction | None:
    if record is not None:
        return _stated(record.get("predicted", record.get("expected_gain")), metric)
    for line in pieces.prose:
        label = _GAIN.match(line[:_LONGEST_HEADER])
        if label is not None:
            words = line[label.end() : _LONGEST_HEADER]
            if "%" in words:
                return None  # of what, it does not say
            return _prediction(_numbers(words), metric)
    return None


def _stated(value: object, metric: str) -> Prediction | None:
    if isinstance(value, dict):
        if value.get("metric", metric) != metric:
            return None
        value = [value.get("effect"), value.get("low"), value.get("high")]
    if isinstance(value, str):
        return None if "%" in value else _prediction(_numbers(value[:_LONGEST_HEADER]), metric)
    given = value if isinstance(value, list) else [value]
    numbers = []
    for one in given[:3]:
        if isinstance(one, bool) or not isinstance(one, int | float):
            break
        numbers.append(float(one) if abs(one) < 1e300 else math.inf)
    return _prediction(numbers, metric)


def _numbers(words: str) -> list[float]:
    return [float(number.replace("\u2212", "-")) for number in _NUMBER.findall(words)[:3]]


def _prediction(numbers: list[float], metric: str) -> Prediction | None:
    """Returns an effect, with its range if that is one and holds it."""
    if not numbers or not all(map(math.isfinite, numbers)):
        return None
    effect, *ends = numbers
    if len(ends) == 2 and min(ends) <= effect <= max(ends):
        return Prediction(metric=metric, effect=effect, low=min(ends), high=max(ends))
    return Prediction(metric=metric, effect=effect)
