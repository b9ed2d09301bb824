"""Drawing items and marking answers: the calls into a user's exam, and what they may get wrong."""

import difflib
import hashlib
import math
import signal
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from filial.core import LARGEST, Failure, FailureKind, Measurement, Metric
from filial.errors import ExamError, Invalid
from filial.exams.base import Exam, Item, Plain
from filial.exams.frames import chunks

MAX_ITEMS = 100_000


class _Hung(BaseException):
    """Time is up. No Exception, so that an exam's own ``except Exception`` lets it pass."""


@contextmanager
def _time_limit(limit_s: float) -> Iterator[None]:
    """Raises _Hung in the body after ``limit_s``, and each second from then on.

    What this does not cover: threads other than the main one, which know no alarm, and calls into
    C that do not return.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _Hung

    started = time.monotonic()
    handler = signal.signal(signal.SIGALRM, ring)
    previous_s, interval_s = signal.setitimer(signal.ITIMER_REAL, limit_s, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if previous_s:
            left_s = previous_s - (time.monotonic() - started)
            signal.setitimer(signal.ITIMER_REAL, max(left_s, 1e-3), interval_s)


@contextmanager
def _blaming(
    exam: type[Exam], method: str, position: list[int], limit_s: float, split: str = ""
) -> Iterator[None]:
    """Turns whatever the exam's code does wrong into an ExamError that says where."""
    of = f" of split {str(split)!r}" if split else ""
    where = f"{exam.__name__}.{method}"
    try:
        with _time_limit(limit_s):
            yield
    except ExamError:
        raise
    except _Hung:
        raise ExamError(
            f"{where} hung: it was still at item {position[0]}{of} after {limit_s:g} s"
        ) from None
    except Exception as error:
        raise ExamError(f"{where} raised {quote(error)}, at item {position[0]}{of}") from error


def quote(error: BaseException) -> str:
    """Returns type, message and place of an exception of a user's file, in one line."""
    return one_line(f"{type(error).__name__}: {error}".removesuffix(": ")) + _line_of(error)


def place(error: BaseException) -> str:
    """Returns type and place only, for where the message might give an item away."""
    return one_line(type(error).__name__) + _line_of(error)


def _line_of(error: BaseException) -> str:
    here = str(Path(__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(here)]
    if not theirs:
        return ""
    innermost = [frame for frame in theirs if frame.filename == theirs[0].filename][-1]
    return f" ({Path(innermost.filename).name}:{innermost.lineno})"


def one_line(text: str) -> str:
    """Returns the first line of ``text``, at most 300 characters, fit for any terminal."""
    first = text.strip().partition("\n")[0][:300]
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in first)


def check_metrics(exam: type[Exam]) -> None:
    """Raises ExamError unless ``exam`` declares metrics of different names."""
    metrics: object = getattr(exam, "metrics", None)
    advice = f'give {exam.__name__} a list like metrics = [filial.Metric("accuracy")]'
    if not isinstance(metrics, Sequence) or not metrics:
        raise ExamError(f"{exam.__name__}.metrics is missing or empty: {advice}")
    for metric in metrics:
        if not isinstance(metric, Metric):
            raise ExamError(f"{exam.__name__}.metrics holds {metric!r:.60}: {advice}")
    n_sealed: object = exam.sealed_items
    if not isinstance(n_sealed, int) or n_sealed < 0:
        raise ExamError(
            f"{exam.__name__}.sealed_items is {n_sealed!r:.60}: say how many different items the "
            "sealed split has, or 0"
        )
    names = [metric.name for metric in metrics]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ExamError(f"{exam.__name__}.metrics declares {min(twice)!r} twice: rename one")


def draw(exam: Exam, split: str, seed: int, limit_s: float) -> list[Item]:
    """Returns the items of ``split`` for ``seed``.

    Raises:
        ExamError: There are none, or something that is no item, or drawing them failed or took
            longer than ``limit_s``.
    """
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    check_metrics(type(exam))
    name = f"{type(exam).__name__}.items"
    items: list[Item] = []
    position = [0]
    with _blaming(type(exam), "items", position, limit_s, split):
        for item in exam.items(split, np.random.default_rng(seed)):
            if not isinstance(item, Item):
                raise ExamError(
                    f"{name} yielded a {type(item).__name__} as item {len(items)}: "
                    "yield filial.Item(question, key=...)"
                )
            items.append(item)
            position[0] = len(items)
            if len(items) > MAX_ITEMS:
                raise ExamError(f"{name} yielded more than {MAX_ITEMS:,} items: draw fewer")
    if not items:
        raise ExamError(f"{name} yielded nothing for split {split!r}: yield at least one item")
    return items


def mark(
    exam: Exam, items: Sequence[Item], answers: Sequence[Plain], limit_s: float
) -> tuple[Measurement, ...] | Failure:
    """Returns a measurement of each metric: the mean over the items that report it.

    Whatever goes wrong here is a failure of the trial: the answers are what differs between
    candidates, and none may stop a study with one. An exam that is itself wrong fails on the
    initial code, before anything is spent.

    Args:
        exam: The instance that drew the items.
        items: What was asked.
        answers: What came back, in the same order.
        limit_s: Seconds for all of it.

    Returns:
        The measurements in the order of ``exam.metrics``; INVALID as soon as ``score`` refuses an
        answer; NON_FINITE as soon as a score is NaN or beyond ``LARGEST``; ILL_TYPED as soon as
        ``score`` raises anything else, hangs, or returns what is no score of a declared metric.
    """
    try:
        return _mark(exam, items, answers, limit_s)
    except ExamError as error:
        return Failure(kind=FailureKind.ILL_TYPED, detail=one_line(str(error)))


def _mark(
    exam: Exam, items: Sequence[Item], answers: Sequence[Plain], limit_s: float
) -> tuple[Measurement, ...] | Failure:
    values: dict[str, list[float]] = {metric.name: [] for metric in exam.metrics}
    asked: dict[str, list[_Asked]] = {metric.name: [] for metric in exam.metrics}
    position = [0]
    with _blaming(type(exam), "score", position, limit_s):
        for k, (item, answer) in enumerate(zip(items, answers, strict=True)):
            position[0] = k
            question = _Asked.of(item)  # before anybody can change it
            scores = _score(exam, k, item, answer)
            if isinstance(scores, Failure):
                return scores
            for name, value in scores.items():
                if not abs(value) <= LARGEST:  # nor is NaN
                    detail = f"{name} of item {k} is {value:g}"
                    return Failure(kind=FailureKind.NON_FINITE, detail=detail)
                values[name].append(value)
                asked[name].append(question)
    measurements = []
    for name, column in values.items():
        if not column:
            raise ExamError(
                f"{type(exam).__name__}.score never reported {name!r}: "
                "return it for at least one item, or take it out of metrics"
            )
        mean = math.fsum(column) / len(column)
        by_cluster = _by_cluster(asked[name], column)
        measurements.append(
            Measurement(
                metric=name,
                value=mean,
                items=tuple(by_cluster.values()),
                questions=tuple(by_cluster),
            )
        )
    return tuple(measurements)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked: the name of its cluster, and 8 bytes that tell it from other questions."""

    cluster: str
    digest: bytes

    @classmethod
    def of(cls, item: Item) -> "_Asked":
        total = hashlib.blake2b(digest_size=8)
        for chunk in chunks(item.question):
            total.update(chunk)
        return cls(item.cluster, total.digest())


def _by_cluster(asked: Sequence[_Asked], scores: Sequence[float]) -> dict[str, float]:
    """Returns the mean score of each cluster, by what tells its questions from those of others.

    A question that is asked again is no fresh evidence, nor is another one of its cluster. Neither
    the name of a cluster nor the order of its questions tells it from others: a pool that is
    shuffled is still the same.
    """
    columns: dict[str | bytes, list[float]] = {}
    questions: dict[str | bytes, set[bytes]] = {}
    for one, score in zip(asked, scores, strict=True):
        cluster = one.cluster or one.digest
        columns.setdefault(cluster, []).append(score)
        questions.setdefault(cluster, set()).add(one.digest)
    n_alike: Counter[str] = Counter()
    found = {}
    for cluster, column in columns.items():
        content = b"".join(sorted(questions[cluster]))
        name = hashlib.blake2b(content, digest_size=8).hexdigest()
        n_alike[name] += 1
        twin = f"-{n_alike[name]}" if n_alike[name] > 1 else ""
        found[name + twin] = math.fsum(column) / len(column)
    return found


def _score(exam: Exam, k: int, item: Item, answer: Plain) -> dict[str, float] | Failure:
    """Returns the scores of item ``k``, or why its answer has none. Raises ExamError."""
    try:
        scores = exam.score(item, answer)
    except Invalid as error:
        return Failure(kind=FailureKind.INVALID, detail=f"item {k}: {one_line(str(error))}")
    except Exception as error:  # noqa: BLE001 - a user's code, given an answer of any form
        detail = f"item {k}: {type(exam).__name__}.score raised {quote(error)}"
        return Failure(kind=FailureKind.ILL_TYPED, detail=detail)
    return _by_metric(exam, k, scores)


def _by_metric(exam: Exam, k: int, scores: object) -> dict[str, float]:
    """Returns what ``score`` returned for item ``k`` as one number for each metric in it."""
    where = f"{type(exam).__name__}.score"
    names = [metric.name for metric in exam.metrics]
    if not isinstance(scores, Mapping):
        if len(names) > 1:
            raise ExamError(
                f"{where} returned {scores!r:.50} for item {k}, but declares {len(names)} metrics:"
                f" return a dict like {{{names[0]!r}: ...}}"
            )
        scores = {names[0]: scores}
    result = {}
    for name, value in scores.items():
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1, cutoff=0) or names
            raise ExamError(
                f"{where} reported the unknown metric {name!r:.60} for item {k}: "
                f"did you mean {near[0]!r}? If not, declare it in metrics"
            )
        result[name] = _number(where, k, value)
        metric = exam.metrics[names.index(name)]
        # What is infinite or NaN is the answer's fault, and told elsewhere.
        if math.isfinite(result[name]) and not metric.lowest <= result[name] <= metric.highest:
            raise ExamError(
                f"{where} returned {result[name]:g} as {name} of item {k}, but "
                f"declares {metric.lowest:g} to {metric.highest:g}: correct one of them"
            )
    return result


def _number(where: str, k: int, value: object) -> float:
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    if isinstance(value, np.generic):
        value = value.item()
    if not isinstance(value, int | float):
        raise ExamError(
            f"{where} returned {value!r:.60} (a {type(value).__name__}) for item {k}: "
            "return a float, or raise filial.Invalid to refuse the answer"
        )
    try:
        return float(value)
    except OverflowError:
        return math.inf
