"""The exam contract, for every exam that Filial ships."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import filial
from filial import Exam, Item, Metric
from filial.exams import Plain, load_exam
from filial.testing.exam_contract import ExamContract

KITS = Path(filial.__file__).parent / "kits"


class TestSums(ExamContract):
    floor: ClassVar[Mapping[str, float]] = {"accuracy": 0.0}

    @pytest.fixture
    def exam(self, tmp_path: Path) -> Exam:
        return load_exam("exam.py:Sums", KITS / "sums")(tmp_path)

    def good_answer(self, item: Item) -> Plain:
        key: Any = item.key
        return float(key)


class Careless(Exam):
    """Checks nothing: an array as answer makes ``float`` raise."""

    metrics: ClassVar[Sequence[Metric]] = (Metric("right"),)

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for number in rng.integers(5000, 9000, size=4).tolist():
            yield Item(number, key=number)

    def score(self, item: Item, answer: Plain) -> float:
        return float(answer == item.key)


class TestCareless(ExamContract):
    """What ``score`` raises counts as a failure of the answer."""

    floor: ClassVar[Mapping[str, float]] = {"right": 0.0}

    @pytest.fixture
    def exam(self, tmp_path: Path) -> Exam:
        return Careless(tmp_path)

    def good_answer(self, item: Item) -> Plain:
        return item.question


class TestCircles(ExamContract):
    floor: ClassVar[Mapping[str, float]] = {"sum_of_radii": 0.0}
    is_random = False

    @pytest.fixture
    def exam(self, tmp_path: Path) -> Exam:
        return load_exam("exam.py:Circles", KITS / "circles")(tmp_path)

    def good_answer(self, item: Item) -> Plain:
        return {"circles": [[(i + 0.5) / 26, 0.5, 0.4 / 26] for i in range(26)]}
