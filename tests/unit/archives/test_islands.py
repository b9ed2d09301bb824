"""Which parents the islands choose, worked by hand. The metric is a loss: less is better."""

from collections import Counter

import pytest

from filial.archives import Islands
from filial.core import Arm, Decision, History, Promoted, Verdict, VerdictReached
from filial.core.verdict import Generation, Judged
from filial.testing.archive_contract import (
    METRIC,
    dev_trial,
    history_of,
    initial,
    judged,
    study,
)

N_SEEDS = 200


def parents(archive: Islands, history: History) -> set[str]:
    return {archive.select(history, seed) for seed in range(40)}


def test_half_of_the_parents_are_the_incumbent() -> None:
    history = history_of(initial(3.0), judged(0, 2.5, Decision.UNDECIDED))
    archive = Islands(1, 100, METRIC)
    counts = Counter(archive.select(history, seed) for seed in range(N_SEEDS))
    assert set(counts) == {"f0", "c0"}
    assert 70 <= counts["f0"] <= 130


def test_the_best_of_the_next_proposals_island_is_the_other_half() -> None:
    # Islands: {c0, c2} and {c1, c3}; proposal 4 is on island 0, proposal 5 on island 1.
    groups = [judged(i, v, Decision.UNDECIDED) for i, v in enumerate((2.5, 2.0, 2.7, 2.9))]
    history = history_of(initial(3.0), *groups)
    archive = Islands(2, 100, METRIC)
    assert parents(archive, history) == {"f0", "c0"}
    for body in judged(4, 3.1, Decision.REJECT):
        history.apply(body)
    assert parents(archive, history) == {"f0", "c1"}


@pytest.mark.parametrize(
    ("value", "decision", "arm", "alpha", "is_chosen"),
    [
        (2.5, Decision.UNDECIDED, Arm.TREATMENT, 0.0, True),
        (2.5, Decision.PROMOTE, Arm.TREATMENT, 0.05, True),
        (2.5, Decision.REJECT, Arm.TREATMENT, 0.05, True),  # a dev gain not confirmed
        (3.5, Decision.REJECT, Arm.TREATMENT, 0.05, False),  # no dev gain
        (2.5, Decision.REJECT, Arm.TREATMENT, 0.0, False),  # did not pass the screen
        (2.5, Decision.VOID, Arm.TREATMENT, 0.05, False),
        (None, Decision.REJECT, Arm.TREATMENT, 0.05, False),
        (2.5, Decision.UNDECIDED, Arm.PLACEBO, 0.0, False),
        (2.5, Decision.UNDECIDED, Arm.CONTROL, 0.0, False),
    ],
)
def test_who_may_be_a_parent(
    value: float | None, decision: Decision, arm: Arm, alpha: float, is_chosen: bool
) -> None:
    history = history_of(initial(3.0), judged(0, value, decision, arm=arm, alpha=alpha))
    assert ("c0" in parents(Islands(1, 100, METRIC), history)) is is_chosen


def test_a_later_void_takes_the_promise_away() -> None:
    history = history_of(initial(3.0), judged(0, 2.5, Decision.UNDECIDED))
    archive = Islands(1, 100, METRIC)
    assert "c0" in parents(archive, history)
    history.apply(_verdict("c0", Decision.VOID))
    assert parents(archive, history) == {"f0"}


def test_the_weakest_island_restarts_from_the_incumbent() -> None:
    # Island 0 has c0 (2.5), island 1 has c1 (2.9): the weaker. Restart before proposal 2.
    groups = [judged(i, v, Decision.UNDECIDED) for i, v in enumerate((2.5, 2.9))]
    history = history_of(initial(3.0), *groups, judged(2, 3.1, Decision.REJECT))
    assert parents(Islands(2, 100, METRIC), history) == {"f0", "c1"}  # proposal 3, island 1
    assert parents(Islands(2, 2, METRIC), history) == {"f0"}


def test_a_late_verdict_does_not_revive_an_earlier_life() -> None:
    groups = [judged(i, v, Decision.UNDECIDED) for i, v in enumerate((2.5, 2.9))]
    history = history_of(initial(3.0), *groups, judged(2, 3.1, Decision.REJECT))
    history.apply(_verdict("c1", Decision.PROMOTE))
    assert parents(Islands(2, 2, METRIC), history) == {"f0"}


def test_the_only_settled_island_is_not_the_weakest() -> None:
    history = history_of(
        initial(3.0), judged(0, 2.5, Decision.UNDECIDED), judged(3, 3.1, Decision.REJECT)
    )
    assert parents(Islands(4, 2, METRIC), history) == {"f0", "c0"}


def test_restarts_do_not_depend_on_what_was_learnt_after_them() -> None:
    # c0 led when island 1 restarted; that c0 turned out VOID later must not change who restarted.
    groups = [judged(i, v, Decision.UNDECIDED) for i, v in enumerate((2.5, 2.9))]
    history = history_of(initial(3.0), *groups, judged(2, 3.1, Decision.REJECT))
    living = Islands(2, 2, METRIC)
    parents(living, history)
    history.apply(_verdict("c0", Decision.VOID))
    assert parents(living, history) == parents(Islands(2, 2, METRIC), history) == {"f0"}


def test_a_new_incumbent_is_the_incumbent_of_every_island() -> None:
    history = history_of(initial(3.0), judged(0, 2.5, Decision.PROMOTE, alpha=0.05))
    generation = Generation(number=1, candidate="c0", commit="1")
    history.apply(Promoted(generation=generation, hypothesis=""))
    assert parents(Islands(3, 100, METRIC), history) == {"c0"}


def test_a_call_looks_only_at_new_verdicts() -> None:
    """Verdicts already folded may even vanish from sight: they are not read again."""
    history = history_of(*study(200, seed=7))
    archive = Islands(3, 20, METRIC)
    chosen = archive.select(history, 1)
    history.verdicts = [*[history.verdicts[0]] * 100, *history.verdicts[100:]]
    assert archive.select(history, 1) == chosen


def test_a_candidate_without_a_screening_trial_is_no_parent() -> None:
    proposed, _, verdict = judged(0, 2.5, Decision.UNDECIDED)
    history = history_of(initial(3.0), (proposed, verdict))
    assert parents(Islands(1, 100, METRIC), history) == {"f0"}
    history.apply(dev_trial("c0", 2.5))
    assert parents(Islands(1, 100, METRIC), history) == {"f0", "c0"}


@pytest.mark.parametrize(("n_islands", "restart_every"), [(0, 1), (1, 0)])
def test_nothing_below_one(n_islands: int, restart_every: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Islands(n_islands, restart_every, METRIC)


def _verdict(candidate: str, decision: Decision) -> VerdictReached:
    verdict = Verdict(
        candidate=candidate,
        incumbent="f0",
        decision=decision,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        alpha=0.05,
    )
    return VerdictReached(verdict=verdict, arm=Arm.TREATMENT)
