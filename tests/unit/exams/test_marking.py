"""What an exam may get wrong, and what it says when it does."""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from filial import Exam, Invalid, Item, Metric
from filial.core import Failure, FailureKind, Measurement, Split
from filial.errors import ExamError
from filial.exams import Plain
from filial.exams.marking import draw, mark, one_line

ITEMS = [Item(k) for k in range(3)]


class Scores(Exam):
    """Scores what it is told to."""

    metrics: ClassVar[Sequence[Metric]] = (Metric("gain"), Metric("cost"))
    given: Callable[[int], Any]

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        yield from ITEMS

    def score(self, item: Item, answer: Plain) -> float | Mapping[str, float]:
        assert isinstance(item.question, int)
        scores: float | Mapping[str, float] = self.given(item.question)
        return scores


def bare(result: tuple[Measurement, ...] | Failure) -> tuple[Measurement, ...]:
    """The measurements without what tells their questions apart, one for each item."""
    assert isinstance(result, tuple)
    for measured in result:
        assert len(set(measured.questions)) == len(measured.questions) == len(measured.items)
    return tuple(replace(measured, questions=()) for measured in result)


def marked(given: Callable[[int], Any]) -> tuple[Measurement, ...] | Failure:
    exam = Scores(Path())
    exam.given = given
    return mark(exam, ITEMS, [None] * 3, 60)


def test_a_metric_is_the_mean_over_the_items_that_report_it() -> None:
    result = marked(lambda k: {"gain": k, "cost": 1.0} if k else {"gain": k})
    assert bare(result) == (
        Measurement(metric="gain", value=1.0, items=(0, 1, 2)),
        Measurement(metric="cost", value=1.0, items=(1, 1)),
    )
    assert isinstance(result, tuple)
    assert result[1].questions == result[0].questions[1:], "the same items"


def test_numpy_numbers_and_bools_are_numbers() -> None:
    result = marked(lambda k: {"gain": np.float32(0.5), "cost": np.bool_(k)})
    assert isinstance(result, tuple)
    assert [m.items for m in result] == [(0.5, 0.5, 0.5), (0.0, 1.0, 1.0)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan"), 10**400])
def test_a_score_that_is_not_finite_blames_the_candidate(value: float) -> None:
    result = marked(lambda k: {"gain": value if k == 1 else 0, "cost": 0})
    assert isinstance(result, Failure)
    assert result.kind is FailureKind.NON_FINITE
    assert result.detail.startswith("gain of item 1 is ")


@pytest.mark.parametrize("value", [1.1e100, -1.7e308])
def test_a_score_too_large_to_reckon_with_is_not_finite(value: float) -> None:
    """Finite, but squares and sums of it are not: it must neither win nor stop a study."""
    result = marked(lambda k: {"gain": value if k == 1 else 0, "cost": 0})
    detail = f"gain of item 1 is {value:g}"
    assert result == Failure(kind=FailureKind.NON_FINITE, detail=detail)


def test_a_large_score_is_a_score() -> None:
    result = marked(lambda k: {"gain": 1e100, "cost": 0})
    assert isinstance(result, tuple)
    assert result[0].value == 1e100


def test_an_answer_that_breaks_the_rules_is_invalid() -> None:
    def given(k: int) -> dict[str, float]:
        if k == 2:
            raise Invalid("it\x1b leaks\nsecond line")
        return {"gain": 0, "cost": 0}

    assert marked(given) == Failure(
        kind=FailureKind.INVALID, detail="item 2: it\N{REPLACEMENT CHARACTER} leaks"
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (1.0, "score returned 1.0 for item 0, but declares 2 metrics: return a dict like {'gain'"),
        ({"gian": 1}, "reported the unknown metric 'gian' for item 0: did you mean 'gain'?"),
        ({3: 1.0}, "the unknown metric 3"),
        ({"gain": None}, "Scores.score returned None (a NoneType) for item 0: return a float"),
        ({"gain": "1"}, "returned '1' (a str)"),
        ({"gain": np.ones(2)}, "(a ndarray)"),
        ({"gain": 1.0}, "Scores.score never reported 'cost': return it for at least one item"),
        (None, "returned None for item 0"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_score_fails_the_trial_and_no_more(given: object, words: str) -> None:
    result = marked(lambda k: given)
    assert isinstance(result, Failure)
    assert result.kind is FailureKind.ILL_TYPED
    assert words in result.detail


def test_one_metric_takes_a_bare_number() -> None:
    class One(Scores):
        metrics = (Metric("gain"),)

    exam = One(Path())
    exam.given = lambda k: None
    refused = mark(exam, ITEMS, [None] * 3, 60)
    assert isinstance(refused, Failure)
    assert "return a float, or raise filial" in refused.detail
    exam.given = lambda k: k
    assert bare(mark(exam, ITEMS, [None] * 3, 60)) == (
        Measurement(metric="gain", value=1.0, items=(0, 1, 2)),
    )


def asked(
    questions: Sequence[Plain], scores: Sequence[Any], clusters: Sequence[str] = ()
) -> tuple[Measurement, ...] | Failure:
    """Marks one item for each of ``questions``, whose scores are given in the same order."""
    left = iter(scores)

    class Given(Scores):
        def score(self, item: Item, answer: Plain) -> float | Mapping[str, float]:
            scores: float | Mapping[str, float] = next(left)
            return scores

    names = clusters or [""] * len(questions)
    items = [
        Item(question, key=k, cluster=name)
        for k, (question, name) in enumerate(zip(questions, names, strict=True))
    ]
    return mark(Given(Path()), items, [None] * len(items), 60)


def test_a_question_asked_twice_is_one_item() -> None:
    """Its mean stands for it among the items; the value stays the mean of all answers."""
    both = [{"gain": gain, "cost": -gain} for gain in (1.0, 0.0, 0.0, 4.0, 0.0)]
    assert bare(asked(["a", "b", "a", "c", "a"], both)) == (
        Measurement(metric="gain", value=1.0, items=(1 / 3, 0.0, 4.0)),
        Measurement(metric="cost", value=-1.0, items=(-1 / 3, 0.0, -4.0)),
    )


def test_questions_count_where_a_metric_reports_them() -> None:
    scores = [{"gain": 1}, {"gain": 2, "cost": 5}, {"gain": 3, "cost": 7}, {"gain": 6, "cost": 0}]
    result = asked(["a", "a", "b", "b"], scores)
    assert bare(result) == (
        Measurement(metric="gain", value=3.0, items=(1.5, 4.5)),
        Measurement(metric="cost", value=4.0, items=(5.0, 3.5)),
    )
    assert isinstance(result, tuple)
    assert result[0].questions == result[1].questions


@pytest.mark.parametrize(
    ("questions", "n_different"),
    [
        ([1, True, "1", 1.5], 4),
        ([None, None], 1),
        ([{"x": 1, "y": [2]}, {"x": 1, "y": [2]}, {"x": 1, "y": [2, 3]}], 2),
        ([np.arange(4), np.arange(4), np.arange(4).reshape(2, 2), np.arange(4.0)], 3),
        ([{"x": np.zeros(3), "n": 1}, {"x": np.zeros(3), "n": 1}, {"x": np.ones(3), "n": 1}], 2),
        (["", "\0", [], [[]], {}, ""], 5),
    ],
)
def test_what_makes_two_questions_the_same(questions: list[Plain], n_different: int) -> None:
    result = asked(questions, [{"gain": k, "cost": 0} for k in range(len(questions))])
    assert isinstance(result, tuple)
    assert len(result[0].items) == n_different
    assert result[0].value == sum(range(len(questions))) / len(questions)


def test_a_question_that_score_changes_is_still_the_same() -> None:
    class Careless(Scores):
        metrics = (Metric("gain"),)

        def score(self, item: Item, answer: Plain) -> float:
            assert isinstance(item.question, dict)
            item.question["seen"] = str(item.key)
            return float(str(item.key))

    items = [Item({"x": 1}, key=k) for k in range(3)]
    assert bare(mark(Careless(Path()), items, [None] * 3, 60)) == (
        Measurement(metric="gain", value=1.0, items=(1.0,)),
    )


def names_of(questions: Sequence[Plain], clusters: Sequence[str] = ()) -> tuple[str, ...]:
    result = asked(questions, [{"gain": 0, "cost": 0}] * len(questions), clusters)
    assert isinstance(result, tuple)
    return result[0].questions


def test_a_question_is_known_again_in_another_trial() -> None:
    first = names_of(["a", {"x": np.arange(3)}, 7])
    assert names_of([8, 7, "a", {"x": np.arange(3)}])[1:] == (first[2], first[0], first[1])
    assert first[0] not in names_of(["b", "A", ["a"]])


def test_items_of_a_cluster_are_one_value() -> None:
    """The mean of its items; the value of the trial stays the mean of all answers."""
    scores = [{"gain": gain, "cost": 0.0} for gain in (1.0, 0.0, 0.0, 4.0, 0.0)]
    gain, _ = bare(asked(["a", "b", "c", "d", "a"], scores, ["x", "x", "y", "", "x"]))
    assert gain == Measurement(metric="gain", value=1.0, items=(1 / 3, 0.0, 4.0))


def test_a_cluster_is_known_by_its_questions() -> None:
    """Whatever it is called in this trial, and in whatever order, or how often, it is asked."""
    (first,) = names_of(["a", "b"], ["x", "x"])
    assert names_of(["c", "b", "a", "b"], ["x", "y", "y", "y"])[1] == first
    for others in (["a"], ["a", "c"], ["a", "b", "c"], ["ab"]):
        assert names_of(others, ["x"] * len(others)) != (first,)
    assert names_of(["a"], ["x"]) == names_of(["a"]), "alone it is a question like others"


def test_two_clusters_of_equal_questions_stay_two() -> None:
    scores = [{"gain": gain, "cost": 0.0} for gain in (1.0, 0.0, 5.0, 2.0, 4.0)]
    result = asked(["a", "b", "b", "a", "a"], scores, ["x", "x", "y", "y", "z"])
    gain, _ = bare(result)
    assert gain.items == (0.5, 3.5, 4.0)
    assert isinstance(result, tuple)
    once = names_of(["a", "b"], ["x", "x"])
    assert result[0].questions[0] == once[0]
    assert names_of(["a", "b", "b", "a"], [*"xxyy"]) == result[0].questions[:2]


def test_a_name_of_a_cluster_may_be_any_text() -> None:
    assert len(names_of(["a", "b", "c"], ["\ud800", "\0", "\ud800"])) == 2


class Share(Scores):
    metrics = (Metric("gain", lowest=0.0, highest=1.0), Metric("cost"))


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5, True])
def test_scores_at_the_ends_of_the_range_are_scores(value: float) -> None:
    exam = Share(Path())
    exam.given = lambda k: {"gain": value, "cost": 9.0}
    assert isinstance(mark(exam, ITEMS, [None] * 3, 60), tuple)


@pytest.mark.parametrize("value", [-1e-9, 1.0000001, 100])
def test_a_score_out_of_the_declared_range_is_the_exams_fault(value: float) -> None:
    """An e-process for bounded values would otherwise rest on a bound that is none."""
    exam = Share(Path())
    exam.given = lambda k: {"gain": value if k == 1 else 0, "cost": 9.0}
    assert mark(exam, ITEMS, [None] * 3, 60) == Failure(
        kind=FailureKind.ILL_TYPED,
        detail=(
            f"Share.score returned {value:g} as gain of item 1, but declares 0 to 1: correct one "
            "of them"
        ),
    )


def test_what_is_not_finite_is_still_the_candidates_fault() -> None:
    exam = Share(Path())
    exam.given = lambda k: {"gain": math.inf, "cost": 0}
    result = mark(exam, ITEMS, [None] * 3, 60)
    assert isinstance(result, Failure)
    assert result.kind is FailureKind.NON_FINITE


def test_an_answer_that_score_cannot_bear_is_ill_typed() -> None:
    def given(k: int) -> float:
        return 1 / (k - 1)

    line = given.__code__.co_firstlineno + 1
    assert marked(lambda k: {"gain": given(k), "cost": 0}) == Failure(
        kind=FailureKind.ILL_TYPED,
        detail="item 1: Scores.score raised ZeroDivisionError: division by zero "
        f"(test_marking.py:{line})",
    )


def test_an_exception_while_drawing_is_quoted_with_its_place() -> None:
    class Bad(Scores):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            yield ITEMS[0]
            yield Item(1 / (len(ITEMS) - 3))

    line = Bad.items.__code__.co_firstlineno + 2
    with pytest.raises(ExamError) as caught:
        draw(Bad(Path()), "dev", 1, 60)
    assert str(caught.value) == (
        f"Bad.items raised ZeroDivisionError: division by zero (test_marking.py:{line}), "
        "at item 1 of split 'dev'"
    )
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_split_is_named_by_its_name() -> None:
    class Bad(Scores):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            raise OSError

    with pytest.raises(ExamError, match=r"at item 0 of split 'dev'$"):
        draw(Bad(Path()), Split.DEV, 1, 60)


def test_invalid_while_drawing_blames_the_exam() -> None:
    class Bad(Scores):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            yield ITEMS[0]
            raise Invalid("not now")

    with pytest.raises(ExamError, match=r"Bad.items raised Invalid: not now .*, at item 1"):
        draw(Bad(Path()), "dev", 1, 60)


def test_items_without_end_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(Scores):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            while True:
                yield ITEMS[0]

    monkeypatch.setattr("filial.exams.marking.MAX_ITEMS", 100)
    with pytest.raises(ExamError, match="yielded more than 100 items: draw fewer"):
        draw(Endless(Path()), "dev", 1, 60)


def hang(k: int) -> float:
    while k:
        with suppress(Exception):  # an exam that swallows everything
            time.sleep(60)
    return 1.0


def test_a_hanging_exam_is_interrupted_and_named() -> None:
    detail = "Scores.score hung: it was still at item 1 after 0.05 s"
    assert mark_soon(hang) == Failure(kind=FailureKind.ILL_TYPED, detail=detail)


def mark_soon(given: Callable[[int], float]) -> object:
    exam = Scores(Path())
    exam.given = lambda k: {"gain": given(k), "cost": 0.0}
    return mark(exam, ITEMS, [None] * 3, 0.05)


def test_the_alarm_that_was_set_before_rings_later() -> None:
    rung: list[int] = []
    previous = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    before = signal.setitimer(signal.ITIMER_REAL, 1000, 5)
    try:
        assert isinstance(mark_soon(hang), Failure)
        left_s, interval_s = signal.getitimer(signal.ITIMER_REAL)
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, previous)
    assert 900 < left_s < 1000
    assert interval_s == 5
    assert rung == [signal.SIGALRM]


def test_other_threads_mark_without_an_alarm() -> None:
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(mark_soon(float)))
    thread.start()
    thread.join()
    assert isinstance(results[0], tuple)


@pytest.mark.parametrize(
    ("metrics", "words"),
    [
        ([], "Bad.metrics is missing or empty: give Bad a list like metrics = "),
        (None, "Bad.metrics is missing or empty"),
        (["gain"], "Bad.metrics holds 'gain'"),
        ([Metric("gain"), Metric("gain")], "Bad.metrics declares 'gain' twice: rename one"),
    ],
    ids=str,
)
def test_bad_metrics_blame_the_exam(metrics: Any, words: str) -> None:
    bad = type("Bad", (Scores,), {"metrics": metrics})
    with pytest.raises(ExamError, match=words):
        draw(bad(Path()), "dev", 1, 60)


def test_one_line_is_short_and_printable() -> None:
    assert one_line("\n a\tb\nc") == "a\N{REPLACEMENT CHARACTER}b"
    assert len(one_line("x" * 1000)) == 300


@pytest.mark.parametrize("wrong", [-5, 0.5, "x", [1, 2], None])
def test_a_size_of_the_sealed_split_that_is_none_is_refused(wrong: object) -> None:
    class Vague(Scores):
        sealed_items = wrong  # type: ignore[assignment]

    with pytest.raises(ExamError, match=r"Vague.sealed_items is .*: say how many"):
        draw(Vague(Path()), "dev", 1, 60)
