"""Answers of the agreed form and of no worth, and answers that are malformed."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from filial.exams.audit.subject import canonical, quoted
from filial.exams.base import Item, Plain

if TYPE_CHECKING:
    import numpy as np

N_RANDOM = 3
_MOST_CONSTANTS = 32
_MOST_FIELDS = 16
_MOST_AT_ONCE = 256
_MOST_ANSWER_BYTES = 16 << 20  # of all constants together: large answers are tried less often
_LARGEST = 1e300
_LETTERS = "abcdefghijklmnopqrstuvwxyz "


class Worth(StrEnum):
    """Why an answer should get nothing."""

    BLIND = "blind"  # nobody looked at the question
    MALFORMED = "malformed"  # somebody did, but the form is not the agreed one


@dataclass(frozen=True, slots=True, kw_only=True)
class Worthless:
    """One way to answer every item without merit.

    Attributes:
        check: Name of the check it belongs to.
        label: What it is, for people.
        answers: One answer for each item.
        worth: Why it should get nothing.
        constant: Whether every item gets the same answer.
    """

    check: str
    label: str
    answers: Sequence[Plain]
    worth: Worth = Worth.BLIND
    constant: bool = False


def fixed(n: int) -> Iterator[Worthless]:
    """Yields answers that need no example: nothing, little, and numbers that are none."""
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    groups: dict[str, list[Plain]] = {
        "null answer": [None],
        "empty answer": ["", [], {}],
        "constant answers": [0, 1, -1, 0.5, True, False, "a", "0", "yes", "A"],
        "not finite": [math.nan, math.inf, -math.inf, np.array(math.nan), np.array(math.inf)],
        "huge answer": [1e308, -1e308, np.array(1e308)],
    }
    for check, values in groups.items():
        for value in values:
            yield _same(check, value, n)


def constants(items: Sequence[Item], initial: Sequence[Plain] | None) -> Iterator[Worthless]:
    """Yields one answer for all items, taken from the keys and from what the code answered.

    Where there is but one question, any answer to it is a constant, so none is taken.
    """
    if len({canonical(item.question) for item in items}) < 2:
        return
    keys = [item.key for item in items]
    found: dict[bytes, Plain] = {}
    together = _together(keys)
    for value in [*_typical(keys), *together, *_spread(keys), *_spread(initial or ())]:
        key = canonical(value)
        if key is not None and value is not None:
            found.setdefault(key, value)
    size = max((len(key) for key in found), default=1) * len(items)
    most = max(2, min(_MOST_CONSTANTS, _MOST_ANSWER_BYTES // size))
    for value in list(found.values())[:most]:
        yield _same("constant answers", value, len(items))


def echoes(items: Sequence[Item]) -> Iterator[Worthless]:
    """Yields the question as its own answer, and each of its fields."""
    questions = [item.question for item in items]
    yield Worthless(check="echo", label="the question itself", answers=questions)
    for path in list(_paths(questions[0]))[:_MOST_FIELDS]:
        try:
            answers = [_at(question, path) for question in questions]
        except (KeyError, IndexError, TypeError):
            continue
        where = "".join(f"[{step!r}]" for step in path)
        yield Worthless(check="echo", label=f"question{where}", answers=answers)


def shaped(initial: Sequence[Plain], rng: "np.random.Generator") -> Iterator[Worthless]:
    """Yields answers of the same form as ``initial`` with other content."""
    forms: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "zeros": ("zeros", lambda _: 0),
        "ones": ("zeros", lambda _: 1),
        "NaN": ("not finite", lambda _: math.nan),
        "infinity": ("not finite", lambda _: math.inf),
        "1e308": ("huge answer", lambda _: 1e308),
    }
    for label, (check, number) in forms.items():
        answers = [_mapped(answer, number) for answer in initial]
        yield Worthless(check=check, label=f"{label} in the form of an answer", answers=answers)
    low, high = _range(initial)
    for _ in range(N_RANDOM):
        answers = [_random(answer, low, high, rng) for answer in initial]
        label = "random values in the form of an answer"
        yield Worthless(check="random answers", label=label, answers=answers)


def malformed(initial: Sequence[Plain]) -> Iterator[Worthless]:
    """Yields ``initial`` with another type or length."""
    changes: dict[str, tuple[str, Callable[[Any], Any]]] = {
        "the answer in a list": ("wrong type", lambda answer: [answer]),
        "the answer as text": ("wrong type", lambda answer: quoted(answer, 1000)),
        "the answer without its last element": ("wrong length", lambda a: a[:-1]),
        "the answer with its last element twice": ("wrong length", _longer),
    }
    for label, (check, change) in changes.items():
        if check == "wrong length" and not all(_has_length(answer) for answer in initial):
            continue
        answers = [change(answer) for answer in initial]
        yield Worthless(check=check, label=label, answers=answers, worth=Worth.MALFORMED)


def _same(check: str, value: Plain, n: int) -> Worthless:
    label = quoted(value)
    return Worthless(check=check, label=label, answers=[value] * n, constant=True)


def _typical(keys: Sequence[object]) -> Iterator[Plain]:
    """Yields the most frequent key, and the middle of numeric ones."""
    plain = [(canonical(key), key) for key in keys]
    counts: dict[bytes, int] = {}
    for code, _ in plain:
        if code is not None:
            counts[code] = counts.get(code, 0) + 1
    if counts:
        most = max(counts, key=lambda code: counts[code])
        yield next(key for code, key in plain if code == most)  # type: ignore[misc]
    numbers = [key for key in keys if type(key) in (int, float) and math.isfinite(key)]  # type: ignore[arg-type]
    if numbers:
        import numpy as np  # noqa: PLC0415 - as above

        yield float(np.median(np.array(numbers, float)))
        yield float(np.mean(np.array(numbers, float)))


def _together(keys: Sequence[object]) -> list[Plain]:
    """Returns all keys in one answer, which wins where containing the key is enough."""
    different: dict[bytes, Any] = {}
    for key in keys:
        code = canonical(key)
        if code is not None and key is not None:
            different.setdefault(code, key)
    values = list(different.values())
    if not 2 <= len(values) <= _MOST_AT_ONCE:
        return []
    texts = all(isinstance(value, str) for value in values)
    return [values, *(("".join(values), " ".join(values)) if texts else ())]


def _spread(values: Sequence[Any]) -> list[Any]:
    """Returns some of the values, evenly spread."""
    return list(values[:: max(1, len(values) // (_MOST_CONSTANTS // 2))])


def _paths(question: Plain, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yields where the parts of a question are, its outermost ones first, two levels deep."""
    if isinstance(question, dict):
        children: list[tuple[str | int, Plain]] = [*question.items()]
    elif isinstance(question, list):
        children = [*enumerate(question[:_MOST_FIELDS])]
    else:
        return
    for step, _ in children:
        yield (*path, step)
    if not path:
        for step, child in children:
            yield from _paths(child, (step,))


def _at(question: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        question = question[step]
    return question


def _mapped(answer: Any, number: Callable[[Any], Any]) -> Any:
    """Returns ``answer`` with every number replaced."""
    import numpy as np  # noqa: PLC0415 - as above

    match answer:
        case bool() | int() | float():
            value = number(answer)
            return type(answer)(value) if _fits(value, type(answer)) else value
        case list():
            return [_mapped(part, number) for part in answer]
        case dict():
            return {key: _mapped(part, number) for key, part in answer.items()}
        case np.ndarray():
            return _filled(answer, number(0))
        case str():
            return ""
        case _:
            return answer


def _fits(value: float, kind: type) -> bool:
    return math.isfinite(value) and (kind is float or abs(value) < 2)


def _filled(array: Any, value: float) -> Any:
    import numpy as np  # noqa: PLC0415 - as above

    dtype = array.dtype if array.dtype.kind == "f" or abs(value) < 2 else np.dtype("<f8")
    with np.errstate(over="ignore"):
        return np.full(array.shape, value, dtype)


def _range(answers: Sequence[Plain]) -> tuple[float, float]:
    """Returns the smallest and the largest number of a sensible size in all answers."""
    numbers = [number for answer in answers for number in _numbers(answer)]
    finite = [number for number in numbers if abs(number) < _LARGEST]  # leaves NaN out, too
    return (min(finite), max(finite)) if finite else (0.0, 1.0)


def _numbers(answer: Any) -> Iterator[float]:
    import numpy as np  # noqa: PLC0415 - as above

    match answer:
        case bool() | int() | float():
            yield float(answer)
        case list():
            for part in answer:
                yield from _numbers(part)
        case dict():
            for part in answer.values():
                yield from _numbers(part)
        case np.ndarray() if answer.size:
            yield float(answer.min())
            yield float(answer.max())


def _random(answer: Any, low: float, high: float, rng: "np.random.Generator") -> Any:
    match answer:
        case list():
            return [_random(part, low, high, rng) for part in answer]
        case dict():
            return {key: _random(part, low, high, rng) for key, part in answer.items()}
        case str():
            return "".join(rng.choice(list(_LETTERS), size=len(answer)).tolist())
        case _:
            return _random_numbers(answer, low, high, rng)


def _random_numbers(answer: Any, low: float, high: float, rng: "np.random.Generator") -> Any:
    import numpy as np  # noqa: PLC0415 - as above

    match answer:
        case bool():
            return bool(rng.integers(2))
        case int():
            return int(rng.uniform(low, high + 1))
        case float():
            return float(rng.uniform(low, high))
        case np.ndarray():
            return np.asarray(rng.uniform(low, high, size=answer.shape)).astype(answer.dtype)
        case _:
            return answer


def _has_length(answer: Any) -> bool:
    import numpy as np  # noqa: PLC0415 - as above

    if isinstance(answer, np.ndarray):
        return answer.ndim > 0 and len(answer) > 0
    return isinstance(answer, list | str) and len(answer) > 0


def _longer(answer: Any) -> Any:
    import numpy as np  # noqa: PLC0415 - as above

    return (
        np.concatenate([answer, answer[-1:]])
        if isinstance(answer, np.ndarray)
        else (answer + answer[-1:])
    )
