# ruff: noqa: D102, S101 - a test suite that happens to be shipped
"""What every exam must keep, as tests: subclass :class:`ExamContract` beside your exam.

::

    class TestSums(ExamContract):
        floor = {"accuracy": 0.0}

        @pytest.fixture
        def exam(self, tmp_path):
            return Sums(tmp_path)

        def good_answer(self, item):
            return item.key
"""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pytest

from filial.exams.base import Exam, Item, Plain
from filial.exams.frames import encode
from filial.exams.marking import check_metrics, draw, mark

_LIMIT_S = 600.0

GARBAGE: tuple[Plain, ...] = (
    None,
    True,
    0,
    -1,
    10**300,
    1e308,
    -1e308,
    5e-324,
    "",
    "0",
    "\0" * 9,
    "9" * 4000,
    [],
    [None],
    [[]],
    [0] * 1000,
    [1e308] * 1000,
    {},
    {"": None},
    {"value": float(1)},
    np.zeros(0),
    np.zeros((2, 0, 3), np.int8),
    np.array(7),
    np.array(np.nan),
    np.full(1000, np.nan),
    np.full((26, 3), np.inf),
    np.ones((4, 4), bool),
    np.full(9, 65504, np.float16),
)
"""Answers of the agreed form and of no worth."""


class ExamContract:
    """The rules. A study's author gives the exam, a floor and one good answer an item.

    Attributes:
        floor: For each metric, the value that no worthless answer may beat.
        is_random: Whether the items differ between seeds; False for a single fixed task.
    """

    floor: ClassVar[Mapping[str, float]]
    is_random: ClassVar[bool] = True

    @pytest.fixture
    def exam(self) -> Exam:
        """Returns a fresh exam; override."""
        raise NotImplementedError

    def good_answer(self, item: Item) -> Plain:
        """Returns an answer that beats the floor; override."""
        raise NotImplementedError

    @pytest.fixture(params=["dev", "confirm", "sealed"])
    def split(self, request: pytest.FixtureRequest) -> str:
        """Returns each split in turn."""
        return str(request.param)

    def test_declares_its_metrics(self, exam: Exam) -> None:
        check_metrics(type(exam))
        assert set(self.floor) == {metric.name for metric in exam.metrics}

    def test_questions_can_be_sent(self, exam: Exam, split: str) -> None:
        for item in _draw(exam, split, 1):
            encode(item.question)

    def test_same_seed_draws_the_same_items(self, exam: Exam, split: str) -> None:
        assert _questions(exam, split, 1) == _questions(exam, split, 1)

    def test_other_seed_draws_other_items(self, exam: Exam, split: str) -> None:
        differ = _questions(exam, split, 1) != _questions(exam, split, 2)
        assert differ == self.is_random

    def test_good_answers_beat_the_floor(self, exam: Exam, split: str) -> None:
        items = _draw(exam, split, 1)
        scores = _scores(exam, items, [self.good_answer(item) for item in items])
        assert scores is not None
        assert all(gain > 0 for gain in self._gains(exam, scores))

    @pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: f"{garbage!r:.30}")
    def test_garbage_is_invalid_or_no_better_than_the_floor(
        self, exam: Exam, garbage: Plain
    ) -> None:
        items = _draw(exam, "dev", 1)
        scores = _scores(exam, items, [garbage] * len(items))
        assert scores is None or all(gain <= 0 for gain in self._gains(exam, scores))

    def test_scores_do_not_depend_on_what_was_scored_before(self, exam: Exam) -> None:
        items = _draw(exam, "dev", 1)
        answers = [self.good_answer(item) for item in items]
        once = _scores(exam, items, answers)
        again = _scores(exam, items, answers)
        assert once == again

    def _gains(self, exam: Exam, scores: Mapping[str, float]) -> list[float]:
        return [m.gain(self.floor[m.name], scores[m.name]) for m in exam.metrics]


def _draw(exam: Exam, split: str, seed: int) -> list[Item]:
    return draw(exam, split, seed, _LIMIT_S)


def _questions(exam: Exam, split: str, seed: int) -> list[tuple[int, bytes]]:
    return [(item.sitting, encode(item.question)) for item in _draw(exam, split, seed)]


def _scores(exam: Exam, items: list[Item], answers: list[Plain]) -> dict[str, float] | None:
    """Returns the value of each metric, or None if the answers count as a failure."""
    result = mark(exam, items, answers, _LIMIT_S)
    return {m.metric: m.value for m in result} if isinstance(result, tuple) else None
