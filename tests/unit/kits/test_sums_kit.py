"""The toy kit: hand-worked scores, and a start that leaves room."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import filial
from filial import Exam, Invalid, Item
from filial.exams import Plain, load_exam

KIT = Path(filial.__file__).parent / "kits" / "sums"


@pytest.fixture
def exam(tmp_path: Path) -> Exam:
    return load_exam("exam.py:Sums", KIT)(tmp_path)


@pytest.mark.parametrize(
    ("answer", "score"),
    [(50.0, 1.0), (40, 0.8), (60, 0.8), (0, 0.0), (100, 0.0), (-5, 0.0), (10**300, 0.0)],
)
def test_scores_by_hand(exam: Exam, answer: float, score: float) -> None:
    assert exam.score(Item(None, key=50.0), answer) == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize("answer", [None, True, "50", [50], np.array(50.0)], ids=repr)
def test_what_is_no_number_is_invalid(exam: Exam, answer: Plain) -> None:
    with pytest.raises(Invalid, match="not a number"):
        exam.score(Item(None, key=50.0), answer)


def test_the_key_is_the_sum_of_the_question(exam: Exam) -> None:
    for item in exam.items("dev", np.random.default_rng(1)):
        question: Any = item.question
        assert 20 <= len(question["numbers"]) <= 40
        assert item.key == pytest.approx(sum(question["numbers"]))


def mean_score(exam: Exam, source: str) -> float:
    code = SimpleNamespace()
    exec(source, vars(code))  # noqa: S102 - our own kit
    items = list(exam.items("dev", np.random.default_rng(1)))
    return float(np.mean([exam.score(item, code.answer(item.question)) for item in items]))


def test_the_start_is_poor_and_each_way_up_is_a_gain(exam: Exam) -> None:
    start = (KIT / "code" / "answer.py").read_text()
    part = start.index("def estimate")
    end = start.index("def answer")
    mean = "def estimate(part, n):\n    return n * sum(part) / len(part)\n\n\n"
    everything = start.replace("numbers[: max(1, int(SHARE * len(numbers)))]", "numbers")
    assert 0.35 < mean_score(exam, start) < 0.45
    assert mean_score(exam, start.replace("1.2", "2.4")) > mean_score(exam, start) + 0.1
    assert mean_score(exam, start.replace("5.0", "10.0")) > mean_score(exam, start) + 0.05
    assert mean_score(exam, everything) > mean_score(exam, start) + 0.2
    assert mean_score(exam, start[:part] + mean + start[end:]) > 0.75
