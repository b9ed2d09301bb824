"""Advice on more evidence names what really has to be raised."""

from dataclasses import replace

import pytest

from filial.core import Arm, Budget, History, Spend
from filial.reports import State, Terms, assess
from filial.reports.check import Subject
from filial.reports.outlook import outlook, raised
from filial.reports.trust import subject_of
from filial.testing.histories import EXAMPLE_PRIMARY, example_history

SHARES = {Arm.PLACEBO: 0.1, Arm.CANARY: 0.04, Arm.CONTROL: 0.17}


def subject(history: History, budget: Budget, shares: dict[Arm, float] | None = None) -> Subject:
    terms = Terms(budget=budget, shares=SHARES if shares is None else shares)
    return subject_of(history, EXAMPLE_PRIMARY, terms)


@pytest.fixture
def history() -> History:
    return example_history(120, 3)


def placebos(history: History, first: int) -> int:
    """How many placebos were judged among the proposals from ``first`` on."""
    judged = {r.verdict.candidate for r in history.verdicts if r.arm is Arm.PLACEBO}
    return sum(history.standings[name].candidate.index >= first for name in judged)


def test_the_ceiling_that_is_too_low_is_named_with_what_it_takes(history: History) -> None:
    late = placebos(history, 60)
    assert (placebos(history, 0), late) == (13, 7)
    # 7 of the latest 60 were placebos: 16 more take 138 proposals, 258 in all.
    advice = outlook(subject(history, Budget(candidates=120)), Arm.PLACEBO, 16)
    assert advice == (
        "At 12 in 100 proposals they take about 138 more: raise budget.candidates to 260, or "
        "proposers.placebo.share in a new study."
    )


def test_a_budget_with_room_is_left_alone(history: History) -> None:
    for budget in (Budget(), Budget(candidates=258)):
        assert outlook(subject(history, budget), Arm.PLACEBO, 16).endswith("has room: go on.")


def test_every_ceiling_in_the_way_is_named() -> None:
    spend = Spend(candidates=10, wall_s=60.0, cpu_s=90.0, trials=41)
    budget = Budget(candidates=20, wall_s=100.0, cpu_s=1e6, trials=50)
    # Ten more proposals double everything; 82 trials and 120 s are too many.
    assert raised(budget, spend, 10) == ["budget.wall to 2 min", "budget.trials to 82"]
    assert raised(budget, Spend(), 10) == [], "before the first proposal nothing is known of costs"


def test_before_an_arm_has_had_a_chance_its_share_speaks() -> None:
    advice = outlook(subject(History(), Budget(candidates=60)), Arm.CANARY, 5)
    assert advice.startswith("At 4 in 100 proposals they take about 125 more: raise budget.cand")


def test_a_study_without_the_arm_is_told_so(history: History) -> None:
    bare = subject(History(), Budget(), {})
    assert outlook(bare, Arm.CANARY, 5) == (
        "This study proposes none: set proposers.canary.share in a new one."
    )


def test_an_arm_that_has_run_dry_is_not_sent_for_a_larger_budget(history: History) -> None:
    """Where all further no-ops are duplicates, no budget is large enough."""
    state = replace(history, n_proposals=400, spend=replace(history.spend, candidates=400))
    advice = outlook(subject(state, Budget(candidates=400)), Arm.PLACEBO, 16)
    assert advice.startswith("None of the latest 200 proposals led to a new one")
    assert "raise" not in advice


def test_the_panel_gives_this_advice(history: History) -> None:
    terms = Terms(budget=Budget(candidates=120), shares=SHARES)
    checks = {check.key: check for check in assess(history, EXAMPLE_PRIMARY, terms).checks}
    assert checks["placebos"].state is State.OPEN
    assert checks["placebos"].remedy.startswith("16 more without a promotion bound the rate by 10")
    assert "raise budget.candidates to 260" in checks["placebos"].remedy
