"""Which numbers are perturbed, and how."""
# ruff: noqa: S311 - seeded chance, no secrets

import math
from random import Random  # noqa: TID251 - the generator under test is an argument

import pytest

from filial.core import Metric
from filial.proposers.numbers import new_value, perturb_number
from filial.proposers.scopes import Scope
from filial.proposers.sites import Number, Span, scan

DRAWS = 300


def scope(text: str) -> Scope:
    source = scan(text)
    assert source is not None
    return Scope(sources={"a.py": source}, parts={}, donors=(), metric=Metric("loss"))


def quantities(text: str) -> list[tuple[str, str]]:
    source = scan(text)
    assert source is not None
    return [(n.label, n.text) for n in source.numbers if not n.is_structural]


def values(text: str, label: str = "X") -> list[str]:
    number = Number(span=Span(0, len(text)), text=text, label=label, is_structural=False)
    return [new_value(Random(seed), number) for seed in range(DRAWS)]


def test_a_constant_worked_by_hand() -> None:
    change = perturb_number(Random(3), scope("LR = 1e-3\n"))
    assert change is not None
    new = change.text.removeprefix("LR = ").strip()
    assert change.text == f"LR = {new}\n"
    assert change.hypothesis == f"LR in a.py from 1e-3 to {new}"
    assert 1e-4 <= float(new) <= 1e-2


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LR = 1e-3", [("LR", "1e-3")]),
        ("N: int = 12", [("N", "12")]),
        ("P = 0.0", [("P", "0.0")]),
        ("B = (0.9, 0.95)", [("B", "0.9"), ("B", "0.95")]),
        ("def f(p=0.1): pass", [("p of f", "0.1")]),
        ("f(1, lr=0)", [("lr of f", "0")]),
        ("m.Linear(64, 128)", [("argument 1 of Linear", "64"), ("argument 2 of Linear", "128")]),
        ("def f(x):\n    return x * 0.5", [("a number in f", "0.5")]),
        ("class C:\n    K = 3", [("K of C", "3")]),
        ("for i in range(1, 50): pass", [("argument 2 of range", "50")]),
        ("x[3], x[0:2]", []),
        ("x.view(-1, 8)", []),
        ("x.sum(dim=2)", []),
        ("i = n + 1", []),
        ("def f():\n    total = 0.0", []),
        ("manual_seed(seed=17)", []),
    ],
)
def test_what_counts_as_a_quantity(text: str, found: list[tuple[str, str]]) -> None:
    assert quantities(text) == found


def test_structural_numbers_only_if_there_is_nothing_else() -> None:
    both = scope("K = 5\ny = x[3]\n")
    for seed in range(50):
        change = perturb_number(Random(seed), both)
        assert change is not None
        assert "x[3]" in change.text
    change = perturb_number(Random(0), scope("y = x[3]\n"))
    assert change is not None
    assert "x[3]" not in change.text


def test_integers_stay_positive_integers() -> None:
    for text in ("0", "1", "2", "7", "0x1f", "1_000"):
        new = [int(v) for v in values(text)]
        assert min(new) >= 1
        assert int(text, 0) not in new


def test_multiples_of_eight_stay_so() -> None:
    assert all(int(v) % 8 == 0 and int(v) > 0 and v != "96" for v in values("96"))


def test_floats_move_on_a_log_scale() -> None:
    ratios = [float(v) / 3e-4 for v in values("3e-4")]
    near = [r for r in ratios if 0.48 <= r <= 2.1]
    leaps = [r for r in ratios if math.isclose(r, 10) or math.isclose(r, 0.1)]
    assert len(near) + len(leaps) == DRAWS
    assert 0.05 < len(leaps) / DRAWS < 0.25
    assert 0.4 < sum(r < 1 for r in ratios) / DRAWS < 0.6


def test_shares_move_linearly_within_zero_and_one() -> None:
    new = [float(v) for v in values("0.1", "p of Dropout")]
    assert min(new) == 0.0
    assert 0.3 < max(new) <= 0.35


def test_numbers_near_one_keep_their_distance_positive() -> None:
    new = [float(v) for v in values("0.999", "momentum")]
    assert all(0.98 <= v < 1 for v in new)
    assert any(v > 0.999 for v in new)
    assert any(v < 0.999 for v in new)


def test_zero_becomes_small() -> None:
    assert all(1e-3 <= float(v) < 0.32 for v in values("0.0"))


def test_the_literal_keeps_its_form() -> None:
    assert all("e" in v for v in values("1e-3"))
    assert all("e" not in v for v in values("0.5"))


def test_no_finite_number_nothing_to_perturb() -> None:
    assert perturb_number(Random(0), scope("x = y\n")) is None
    assert perturb_number(Random(0), scope("x = 1e999\n")) is None
    assert perturb_number(Random(0), scope("x = " + "9" * 50 + "\n")) is None
