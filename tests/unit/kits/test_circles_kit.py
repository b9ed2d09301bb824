"""The packing kit: exact validity, hand-worked sums, and a start that leaves room."""

import ast
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import filial
from filial import Exam, Invalid, Item
from filial.exams import load_exam

KIT = Path(filial.__file__).parent / "kits" / "circles"
ITEM = Item({"n": 26})
ROW = [[(2 * i + 1) / 64, 1 / 64, 1 / 64] for i in range(26)]  # 26 of 32 touching in a row


@pytest.fixture
def exam(tmp_path: Path) -> Exam:
    return load_exam("exam.py:Circles", KIT)(tmp_path)


def score(exam: Exam, circles: Any) -> float:
    value = exam.score(ITEM, {"circles": circles})
    assert isinstance(value, float)
    return value


def changed(i: int, circle: list[Any]) -> list[list[Any]]:
    return [circle if k == i else list(c) for k, c in enumerate(ROW)]


def test_touching_circles_are_valid_and_add_up(exam: Exam) -> None:
    assert score(exam, ROW) == pytest.approx(26 / 64 * (1 - 1e-7), rel=1e-15)
    assert score(exam, np.array(ROW)) == score(exam, ROW)


def test_the_known_five_by_five_and_one_in_a_gap(exam: Exam) -> None:
    circles = [[0.1 + 0.2 * (k % 5), 0.1 + 0.2 * (k // 5), 0.1] for k in range(25)]
    circles.append([0.2, 0.2, 0.1 * (math.sqrt(2) - 1)])
    assert score(exam, circles) == pytest.approx(2.5 + 0.0414214, abs=1e-6)


def test_a_reported_sum_is_not_looked_at(exam: Exam) -> None:
    answer: Any = {"circles": ROW, "sum_of_radii": 2.6358}
    assert exam.score(ITEM, answer) == score(exam, ROW)


def test_order_does_not_matter(exam: Exam) -> None:
    assert score(exam, ROW[::-1]) == score(exam, ROW)


def test_rounding_passes_but_does_not_pay(exam: Exam) -> None:
    assert score(exam, [[x, y, r * (1 + 1e-8)] for x, y, r in ROW]) < 26 / 64


@pytest.mark.parametrize(
    ("circles", "words"),
    [
        (changed(3, [7 / 64, 1 / 64, 1.000001 / 64]), "circle 3 leaves the square"),
        (changed(3, [7 / 64, 1.5 / 64, 1.2 / 64]), "circles 2 and 3 overlap"),
        (changed(0, [1 / 64, 1 / 64, 1 / 64 + 1e-6]), "circle 0 leaves the square"),
        (changed(25, ROW[24]), "circles 24 and 25 overlap"),
        (changed(1, [3 / 64, 1 / 64, 0.0]), "circle 1 has a radius outside"),
        (changed(1, [3 / 64, 1 / 64, -0.1]), "circle 1 has a radius outside"),
        (changed(1, [3 / 64, 1 / 64, 0.6]), "circle 1 has a radius outside"),
        (changed(1, [1.5, 1 / 64, 1 / 64]), "circle 1 leaves the square"),
        (changed(1, [-0.5, 1 / 64, 1 / 64]), "circle 1 leaves the square"),
        (changed(1, [math.nan, 1 / 64, 1 / 64]), "circle 1 is not"),
        (changed(1, [math.inf, 1 / 64, 1 / 64]), "circle 1 is not"),
        (changed(1, [3 / 64, 1 / 64, True]), "circle 1 is not"),
        (changed(1, ["0.5", 1 / 64, 1 / 64]), "circle 1 is not"),
        (changed(1, [3 / 64, 1 / 64]), "circle 1 is not"),
        (ROW[:25], "there are not 26 circles"),
        ([*ROW, [0.5, 0.5, 0.1]], "there are not 26 circles"),
        (np.full((26, 3), np.nan), "circle 0 is not"),
        (np.zeros((26, 3), bool), "circle 0 is not"),
        (np.array(7), "there are not 26 circles"),
        ("x" * 26, "there are not 26 circles"),
        ({"0": 1}, "there are not 26 circles"),
        (None, "the answer is not"),
    ],
)
def test_what_breaks_the_rules_is_invalid(exam: Exam, circles: object, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        score(exam, circles)


@pytest.mark.parametrize("answer", [None, [], 2.6, ROW, {"sum_of_radii": 2.6}], ids=repr)
def test_an_answer_without_circles_is_invalid(exam: Exam, answer: Any) -> None:
    with pytest.raises(Invalid, match="the answer is not"):
        exam.score(ITEM, answer)


def test_a_sum_beyond_the_best_known_is_implausible(
    exam: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = type(exam).score
    monkeypatch.setitem(function.__globals__, "IMPLAUSIBLE", 0.4)
    with pytest.raises(Invalid, match="beats the best known packing"):
        score(exam, ROW)


def test_the_start_is_valid_poor_and_repeats(exam: Exam) -> None:
    code = SimpleNamespace()
    exec((KIT / "code" / "answer.py").read_text(), vars(code))  # noqa: S102 - our own kit
    first = code.answer({"n": 26})
    assert 2.2 < score(exam, first["circles"]) < 2.45
    assert code.answer({"n": 26}) == first


def test_the_linear_programs_of_the_parts_bin_stay_valid_and_pay(exam: Exam) -> None:
    parts = (KIT / "parts" / "answer.py").read_text()
    keep = [
        node
        for node in ast.parse(parts).body
        if not isinstance(node, ast.FunctionDef)
        or node.name in ("grow", "pairs")
        or (node.name == "improve" and "linprog" in ast.unparse(node))
    ]
    code = SimpleNamespace()
    exec((KIT / "code" / "answer.py").read_text(), vars(code))  # noqa: S102 - our own kit
    exec(ast.unparse(ast.Module(keep, [])), vars(code))  # noqa: S102
    assert 2.5 < score(exam, code.answer({"n": 26})["circles"]) < 2.636
