"""The world of items: changes, pools, and the gate on fresh items."""

import numpy as np
import pytest

from filial.bench.items import (
    Change,
    Examinees,
    GatedItems,
    ItemWorld,
    Pool,
    change,
    has_won,
    play_items,
)
from filial.bench.worlds import chance

WORLD = ItemWorld(name="items", title="")


@pytest.mark.parametrize("accuracy", [0.5, 0.8])
@pytest.mark.parametrize("errors", [0.0, -1.0, 0.5, 2.0])
def test_a_change_does_what_it_says(accuracy: float, errors: float) -> None:
    step = change(WORLD, accuracy, errors)
    gained = (1 - accuracy) * step.fixes - accuracy * step.breaks
    assert gained == pytest.approx(step.effect)
    assert np.sign(step.effect) == np.sign(errors)


def test_effects_are_in_standard_errors_of_one_exam() -> None:
    """A tenth of 200 items differs: the standard error is sqrt(0.1 / 200) = 0.0224."""
    assert change(WORLD, 0.5, 2.0).effect == pytest.approx(2 * 0.02236, abs=1e-4)
    step = change(WORLD, 0.5, 0.0)
    assert 0.5 * step.fixes + 0.5 * step.breaks == pytest.approx(0.1)


def test_challengers_change_the_share_of_items_that_they_should() -> None:
    world = ItemWorld(name="items", title="", n_items=100_000)
    examinees = Examinees(world, chance(0, "items", 0, 1))
    before = examinees.sit(0.7)
    after = examinees.challenge(before, Change(fixes=0.2, breaks=0.05, effect=0.0))
    assert before.mean() == pytest.approx(0.7, abs=0.01)
    assert (after & ~before).sum() / (~before).sum() == pytest.approx(0.2, abs=0.01)
    assert (before & ~after).sum() / before.sum() == pytest.approx(0.05, abs=0.01)
    assert examinees.n_exams == 2


@pytest.mark.parametrize(
    ("n_better", "n_worse", "level", "expected"),
    [
        (1, 0, 0.5, True),
        (3, 3, 0.5, False),
        (5, 0, 0.05, True),  # 1/32 = .031
        (4, 0, 0.05, False),  # 1/16 = .063
        (9, 2, 0.05, True),  # 67/2048 = .033
        (8, 2, 0.05, False),  # 56/1024 = .055
        (0, 5, 0.05, False),
    ],
)
def test_mcnemar_by_hand(n_better: int, n_worse: int, level: float, expected: bool) -> None:
    assert has_won(n_better, n_worse, level) is expected


def test_a_pool_is_the_same_for_every_decision() -> None:
    examinees = Examinees(WORLD, chance(0, "items", 0, 1))
    contest = Pool(name="", level=0.5).begin(examinees, WORLD)
    assert contest.consider(Change(fixes=1.0, breaks=0.0, effect=0.5))[0]
    assert not contest.consider(Change(fixes=1.0, breaks=0.0, effect=0.0))[0]  # nothing to fix
    assert examinees.n_exams == 3


def test_the_gate_promotes_an_obvious_gain_on_fresh_items() -> None:
    examinees = Examinees(WORLD, chance(0, "items", 0, 1))
    contest = GatedItems().begin(examinees, WORLD)
    promoted, claimed = contest.consider(Change(fixes=0.8, breaks=0.0, effect=0.4))
    assert promoted
    assert claimed == pytest.approx(0.4, abs=0.1)
    assert examinees.n_exams >= WORLD.n_values + 1 + 6 + 2 + 3


def test_without_gains_the_pool_is_overfitted_and_the_gate_promotes_nothing() -> None:
    world = ItemWorld(name="no-gains", title="", mix=((1.0, 0.0),), n_candidates=100)
    on_pool = play_items(world, Pool(name="", level=0.5), 0, 0)
    ours = play_items(world, GatedItems(), 0, 0)
    assert on_pool.n_false == on_pool.n_promotions >= 5
    assert on_pool.true_gain == 0
    assert on_pool.claimed > 0.05
    assert ours.n_promotions == 0


def test_the_gate_looks_at_the_items_that_both_sides_answered() -> None:
    """Two items fixed are 0.01 in accuracy, a fifth of what exams of other items vary by."""
    examinees = Examinees(WORLD, chance(0, "items", 0, 1))
    contest = GatedItems().begin(examinees, WORLD)
    n_before = examinees.n_exams
    for _ in range(20):  # a first look each, and at least one pair for those that pass it
        contest.consider(Change(fixes=0.02, breaks=0.0, effect=0.01))
    assert examinees.n_exams >= n_before + 20 + 2 * 10


def test_equal_answers_cost_one_exam() -> None:
    examinees = Examinees(WORLD, chance(0, "items", 0, 1))
    contest = GatedItems().begin(examinees, WORLD)
    n_before = examinees.n_exams
    assert contest.consider(Change(fixes=0.0, breaks=0.0, effect=0.0)) == (False, 0.0)
    assert examinees.n_exams == n_before + 1


def test_a_coin_is_of_no_use_on_average() -> None:
    """Half of all challengers win four items of ten and lose none, the others lose them."""
    world = ItemWorld(name="coin", title="", changed=0.0, swing=0.8)
    examinees = Examinees(world, chance(0, "coin", 0, 1))
    gains = []
    for _ in range(400):
        before = examinees.sit(0.5)
        after = examinees.challenge(before, change(world, 0.5, 0.0))
        gains.append(float(after.mean() - before.mean()))
    assert np.abs(gains) == pytest.approx([0.4] * 400, abs=0.15)
    assert np.mean(gains) == pytest.approx(0.0, abs=0.06)


def test_coins_are_promoted_on_a_pool_and_not_by_the_gate() -> None:
    world = ItemWorld(
        name="coin", title="", mix=((1.0, 0.0),), swing=0.8, n_values=6, n_candidates=40
    )
    pool = play_items(world, Pool(name="", level=0.05), 0, 0)
    assert pool.n_false == pool.n_promotions > 0
    assert play_items(world, GatedItems(), 0, 0).n_promotions == 0
