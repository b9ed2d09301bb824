"""What is selected of all that was tried."""

import pytest

from filial.briefing import evidence_of
from filial.core import (
    Arm,
    Decision,
    Evidence,
    Failure,
    FailureKind,
    History,
    Incident,
    Outcome,
)
from filial.hindsight import Hindsight
from filial.recollection import N_EACH, N_TRIED, Recollection
from filial.testing.told import TOLD, TOLD_SIGMA, Told

SYNTAX = Failure(kind=FailureKind.SYNTAX, detail="model.py:3: invalid syntax")
SILENT = Failure(kind=FailureKind.MODEL, detail="no key for api.example.com")


def evidence(told: Told, parent: str = "f0") -> Evidence:
    return evidence_of(told.history, parent, TOLD)


def tried(told: Told, gain: float, hypothesis: str, parent: str = "f0") -> str:
    """Adds a candidate that the screen rejected."""
    made = told.proposed(hypothesis, parent=parent, predicted=0.0)
    told.dev(made, gain)
    told.verdict(made, Decision.REJECT)
    return made


def numbers(found: Evidence) -> list[int]:
    return [one.index for one in found.tried]


def test_before_the_initial_code_nothing_is_known() -> None:
    assert evidence_of(History(), "f0", TOLD) == Evidence()


def test_at_the_beginning_only_the_noise_is_known() -> None:
    found = evidence(Told())
    assert (found.tried, found.n_tried, found.failures) == ((), {}, ())
    assert [step.number for step in found.generations] == [0]
    assert (found.sigma, found.parent_generation, found.parent_value) == (TOLD_SIGMA, 0, None)


def test_counts_are_of_everything() -> None:
    told = Told()
    told.refused(SYNTAX)
    tried(told, -0.1, "a")
    tried(told, -0.1, "b")
    told.wins("c")
    told.proposed("d")
    assert evidence(told).n_tried == {
        Outcome.REFUSED: 1,
        Outcome.PENDING: 1,
        Outcome.WORSE: 2,
        Outcome.PROMOTED: 1,
    }


@pytest.mark.parametrize("arm", [Arm.PLACEBO, Arm.CONTROL, Arm.CANARY])
def test_other_arms_are_kept_secret(arm: Arm) -> None:
    told = Told()
    made = told.proposed("a known cheat", arm=arm)
    told.dev(made, 0.1)
    told.refused(SYNTAX, "a no-op", arm=arm)
    found = evidence(told)
    assert (found.tried, found.n_tried, found.failures, found.best) == ((), {}, (), {})


def test_a_silent_model_is_no_evidence() -> None:
    told = Told()
    told.refused(SILENT)
    assert evidence(told).n_tried == {}


def test_a_second_chance_shows_only_once_it_was_promoted() -> None:
    told = Told()
    made = told.proposed("again", proposer="retry")
    told.dev(made, 0.1)
    told.verdict(made, Decision.REJECT, alpha=0.01)
    assert evidence(told).tried == ()
    told.wins("again, and better", proposer="retry")
    assert [one.hypothesis for one in evidence(told).tried] == ["again, and better"]


def test_the_selection_takes_turns() -> None:
    """Promotion, gain, latest, surprise, near miss, peer; whoever was there is not repeated."""
    told = Told()
    near = told.proposed("near", predicted=0.02)
    told.dev(near, 0.02)
    told.verdict(near, Decision.UNDECIDED, alpha=0.01)  # 0
    tried(told, -0.5, "surprise")  # 1
    tried(told, 0.05, "gain")  # 2
    told.wins("promoted", 0.04)  # 3
    latest = told.refused(SYNTAX, "latest")  # 4
    found = numbers(evidence(told, told.history.incumbent.candidate))
    assert found == [3, 2, latest, 1, 0]


def test_peers_edited_the_same_parent() -> None:
    told = Told()
    tried(told, -0.1, "of F0")
    parent = told.wins()
    child = tried(told, -0.1, "of F1", parent=parent)
    index = told.history.standings[child].candidate.index
    assert evidence(told, parent).peers == (index,)
    assert 0 in evidence(told).peers


def test_peers_are_selected_however_many_came_after_them() -> None:
    told = Told()
    parent = told.wins("parent", 0.01)
    tried(told, -0.01, "peer", parent=parent)
    for number in range(3 * N_TRIED):
        tried(told, -0.02, f"dull {number}", parent="f0")
    assert 1 in numbers(evidence(told, parent))
    assert 1 not in numbers(evidence(told, "f0"))


def test_the_best_the_oddest_and_the_promoted_are_never_forgotten() -> None:
    told = Told()
    told.wins("promoted")
    tried(told, 0.3, "best")
    tried(told, -0.9, "odd")
    for number in range(3 * N_TRIED):
        tried(told, -0.01, f"dull {number}")
    found = evidence(told)
    assert len(found.tried) == N_TRIED
    assert {0, 1, 2} <= set(numbers(found)[:6])


def test_one_of_many_that_said_and_did_the_same_is_enough() -> None:
    told = Told()
    for _ in range(5):
        tried(told, -0.1, "same")
    tried(told, 0.004, "same")
    found = evidence(told)
    assert {one.outcome for one in found.tried} == {Outcome.WORSE, Outcome.NO_GAIN}
    assert [one.n_alike for one in found.tried] == [5, 5]


def test_the_selection_is_bounded() -> None:
    told = Told()
    for number in range(2 * N_TRIED):
        tried(told, 0.001 * number, f"idea {number}")
    assert len(evidence(told).tried) == N_TRIED
    assert N_EACH < N_TRIED


def test_failures_are_grouped_by_kind_with_the_latest_of_each() -> None:
    told = Told()
    crash = Failure(kind=FailureKind.CRASH, detail="ValueError")
    told.refused(SYNTAX, "a")
    for name in "bc":
        made = told.proposed(name)
        told.dev(made, failure=crash)
        told.verdict(made, Decision.REJECT)
    groups = evidence(told).failures
    assert [(group.kind, group.n_proposals, group.newest.index) for group in groups] == [
        (FailureKind.CRASH, 2, 2),
        (FailureKind.SYNTAX, 1, 0),
    ]
    assert groups[0].newest.detail == "ValueError"


def test_generations_show_how_the_study_learned() -> None:
    told = Told()
    told.wins("first", 0.5)
    tried(told, 0.02, "near")
    told.wins("second", 0.1)
    found = evidence(told)
    steps = [(s.number, s.index, s.hypothesis, s.dev_gain) for s in found.generations]
    assert steps == [(0, -1, "begin", None), (1, 0, "first", 0.5), (2, 2, "second", 0.1)]
    assert found.best == {0: 0.5, 1: 0.1}


def test_a_void_generation_is_none() -> None:
    told = Told()
    made = told.wins("cheat", 0.5)
    told.tell(Incident(number=1, candidate=made, label="", detail=""))
    found = evidence(told)
    assert [step.number for step in found.generations] == [0]
    assert found.n_tried == {Outcome.VOID: 1}
    assert found.best == {}


def test_another_history_is_followed_from_its_beginning() -> None:
    first, second = Told(), Told()
    tried(first, 0.1, "first")
    tried(second, 0.1, "second")
    recollection = Recollection(Hindsight(TOLD))
    recollection.evidence(first.history, "f0")
    found = recollection.evidence(second.history, "f0")
    assert [one.hypothesis for one in found.tried] == ["second"]


def test_what_was_pending_is_looked_at_again() -> None:
    told = Told()
    recollection = Recollection(Hindsight(TOLD))
    made = told.proposed()
    assert recollection.evidence(told.history, "f0").n_tried == {Outcome.PENDING: 1}
    told.dev(made, 0.1)
    assert recollection.evidence(told.history, "f0").n_tried == {Outcome.PASSED_SCREEN: 1}
    told.verdict(made, Decision.PROMOTE, alpha=0.01)
    recollection.evidence(told.history, "f0")
    told.approval(made, granted=False)
    assert recollection.evidence(told.history, "f0").n_tried == {Outcome.DECLINED: 1}
