"""What proposers may know of one proposal."""

import pytest

from filial.core import (
    Arm,
    Decision,
    Failure,
    FailureKind,
    Incident,
    Outcome,
    Rung,
    Spared,
    Tried,
)
from filial.hindsight import Hindsight
from filial.testing.told import TOLD, TOLD_GUARD, Told

HINDSIGHT = Hindsight(TOLD, (TOLD_GUARD,))
CRASH = Failure(kind=FailureKind.CRASH, detail="ValueError: 5 is not 4")
CHEAT = Failure(kind=FailureKind.INVALID, detail="probabilities sum to 1.7")


def known(told: Told, candidate: str) -> Tried:
    return HINDSIGHT.tried(told.history.standings[candidate], told.history)


def test_what_nobody_has_tried_is_pending() -> None:
    told = Told()
    tried = known(told, told.proposed("an idea", predicted=0.3))
    assert (tried.index, tried.proposer, tried.hypothesis) == (0, "model", "an idea")
    assert (tried.outcome, tried.dev_gain, tried.faced) == (Outcome.PENDING, None, 0)
    assert tried.predicted is not None
    assert tried.predicted.effect == 0.3


def test_what_passed_the_screen_awaits_confirmation() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, 0.123)
    assert known(told, made).outcome is Outcome.PASSED_SCREEN
    assert known(told, made).dev_gain == 0.12  # sigma is 0.02, so steps of 0.01
    told.confirm(made, 1.0)
    assert known(told, made).outcome is Outcome.PASSED_SCREEN


@pytest.mark.parametrize(
    ("gain", "outcome"),
    [(-0.3, Outcome.WORSE), (-0.004, Outcome.NO_GAIN), (0.004, Outcome.NO_GAIN)],
)
def test_what_the_screen_rejected(gain: float, outcome: Outcome) -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, gain)
    told.verdict(made, Decision.REJECT, reason="gain -0.123456 on the dev pair")
    tried = known(told, made)
    assert (tried.outcome, tried.detail) == (outcome, "")


def test_a_broken_guard_is_named() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, 0.1, memory=533.0)
    told.verdict(made, Decision.REJECT)
    tried = known(told, made)
    assert (tried.outcome, tried.detail) == (Outcome.WORSE, "memory is worse by 1.3e+02 MiB")


def test_a_rung_that_was_lost_is_a_learning_curve() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, 0.1, fraction=0.25)
    told.dev(made, -0.2, fraction=0.5)
    told.verdict(made, Decision.REJECT)
    tried = known(told, made)
    assert tried.curve == (Rung(fraction=0.25, gain=0.1), Rung(fraction=0.5, gain=-0.2))
    assert (tried.outcome, tried.dev_gain) == (Outcome.WORSE, None)


def test_a_failure_of_a_dev_trial_is_quoted() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, failure=CRASH)
    told.verdict(made, Decision.REJECT)
    tried = known(told, made)
    assert (tried.outcome, tried.failure) == (Outcome.FAILED, FailureKind.CRASH)
    assert tried.detail == "ValueError: 5 is not 4"


def test_a_quotation_is_short_and_on_one_line() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, failure=Failure(kind=FailureKind.CRASH, detail="a\n\x1b[2J\u202e" + "x" * 999))
    told.verdict(made, Decision.REJECT)
    detail = known(told, made).detail
    assert len(detail) == 200
    assert detail.isprintable()


def test_a_machine_that_failed_is_not_the_candidates_fault() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, failure=Failure(kind=FailureKind.HOST, detail="no space left"))
    told.verdict(made, Decision.REJECT)
    assert known(told, made).failure is None


def test_cheating_in_a_dev_trial_is_void() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, failure=CHEAT)
    told.verdict(made, Decision.VOID)
    tried = known(told, made)
    assert (tried.outcome, tried.failure) == (Outcome.VOID, FailureKind.INVALID)


@pytest.mark.parametrize("decision", [Decision.REJECT, Decision.UNDECIDED, Decision.VOID])
@pytest.mark.parametrize("failure", [None, CRASH, CHEAT])
@pytest.mark.parametrize("alpha", [0.01, 0.0])  # exact verification spends none
def test_of_a_confirmation_one_bit_is_told(
    decision: Decision, failure: Failure | None, alpha: float
) -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, 0.1)
    told.confirm(made, 1.0, failure=failure)
    told.verdict(made, decision, alpha=alpha)
    tried = known(told, made)
    assert (tried.outcome, tried.dev_gain) == (Outcome.NOT_CONFIRMED, 0.1)
    assert (tried.failure, tried.detail) == (None, "")


def test_a_spared_candidate_that_was_not_confirmed() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, -0.1)
    told.tell(Spared(candidate=made, reason="gain -0.1"))
    told.verdict(made, Decision.REJECT, alpha=0.01)
    assert known(told, made).outcome is Outcome.NOT_CONFIRMED


def test_an_overtaken_challenger_is_undecided() -> None:
    told = Told()
    slow = told.proposed()
    told.dev(slow, 0.1)
    told.verdict(slow, Decision.UNDECIDED)
    told.wins()
    assert known(told, slow).outcome is Outcome.UNDECIDED
    assert known(told, slow).faced == 0


def test_what_was_promoted_keeps_the_gain_over_what_it_faced() -> None:
    told = Told()
    first, second = told.wins(gain=0.5), told.wins(gain=0.1)
    told.dev(told.proposed(parent=second), 0.2)  # the incumbent runs on a new seed
    assert (known(told, first).outcome, known(told, first).dev_gain) == (Outcome.PROMOTED, 0.5)
    assert (known(told, second).faced, known(told, second).dev_gain) == (1, 0.1)


@pytest.mark.parametrize(
    ("granted", "outcome"), [(False, Outcome.DECLINED), (True, Outcome.PASSED_SCREEN)]
)
def test_what_oversight_said(granted: bool, outcome: Outcome) -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, 0.1)
    told.verdict(made, Decision.PROMOTE, alpha=0.01)
    assert known(told, made).outcome is Outcome.PASSED_SCREEN
    told.approval(made, granted=granted)
    assert known(told, made).outcome is outcome


def test_an_incident_makes_a_generation_and_its_children_void() -> None:
    told = Told()
    culprit = told.wins()
    child = told.proposed(parent=culprit)
    told.tell(Incident(number=1, candidate=culprit, label="confirm/x/3", detail="item 4711"))
    assert known(told, culprit).outcome is Outcome.VOID
    assert known(told, culprit).detail == ""
    assert known(told, child).outcome is Outcome.VOID


def test_the_value_of_a_generation_is_that_on_its_own_seed() -> None:
    told = Told()
    made = told.wins(gain=0.5)
    standing = told.history.standings[made]
    assert HINDSIGHT.dev_value(standing, told.history) is None
    told.dev(told.proposed(parent=made), 0.1)
    assert HINDSIGHT.dev_value(standing, told.history) == 2.5


def test_the_value_of_another_candidate_is_that_of_its_screening() -> None:
    told = Told()
    made = told.proposed()
    told.dev(made, 0.22)
    assert HINDSIGHT.dev_value(told.history.standings[made], told.history) == 2.8


def test_the_control_arm_faces_the_initial_code() -> None:
    told = Told()
    told.wins()
    made = told.proposed(arm=Arm.CONTROL)
    assert known(told, made).faced == 0
