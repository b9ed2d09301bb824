"""Which events amount to an incident, and how one is closed."""

import pytest

from filial.core import (
    Arm,
    Candidate,
    Decision,
    Failure,
    FailureKind,
    History,
    Incident,
    Judged,
    Proposed,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.errors import StudyError
from filial.oversight import close_incident, incident_in


def history(arm: Arm) -> History:
    made = History()
    candidate = Candidate(
        id="c", index=0, parent="f0", proposer="p", arm=arm, hypothesis="forge it"
    )
    made.apply(
        Proposed(index=0, proposer="p", arm=arm, parent="f0", hypothesis="", candidate=candidate)
    )
    return made


def finished(kind: FailureKind) -> TrialFinished:
    spec = TrialSpec(candidate="c", split=Split.DEV, build_seed=1, exam_seed=2, label="dev/0")
    failure = Failure(kind=kind, detail="it opened the decoy answers.json")
    return TrialFinished(trial=Trial(spec=spec, level="L3", failure=failure))


def reached(decision: Decision, arm: Arm) -> VerdictReached:
    verdict = Verdict(
        candidate="c",
        incumbent="f0",
        decision=decision,
        judged=Judged.RECIPE,
        reason="",
        policy="",
    )
    return VerdictReached(verdict=verdict, arm=arm)


@pytest.mark.parametrize("arm", [Arm.TREATMENT, Arm.PLACEBO, Arm.CONTROL])
def test_touching_a_decoy_is_one(arm: Arm) -> None:
    assert incident_in(finished(FailureKind.TRIPWIRE), history(arm)) == Incident(
        number=1, candidate="c", label="dev/0", detail="it opened the decoy answers.json"
    )


def test_a_canary_that_touches_a_decoy_is_none() -> None:
    assert incident_in(finished(FailureKind.TRIPWIRE), history(Arm.CANARY)) is None


def test_other_failures_are_none() -> None:
    assert incident_in(finished(FailureKind.CRASH), history(Arm.TREATMENT)) is None


def test_a_promoted_canary_is_one() -> None:
    found = incident_in(reached(Decision.PROMOTE, Arm.CANARY), history(Arm.CANARY))
    assert found is not None
    assert found.detail == "a known cheat passed for a gain: forge it"


@pytest.mark.parametrize(
    ("decision", "arm"),
    [
        (Decision.REJECT, Arm.CANARY),
        (Decision.PROMOTE, Arm.TREATMENT),
        (Decision.PROMOTE, Arm.PLACEBO),
    ],
)
def test_other_verdicts_are_none(decision: Decision, arm: Arm) -> None:
    assert incident_in(reached(decision, arm), history(arm)) is None


def test_numbers_go_up() -> None:
    state = history(Arm.TREATMENT)
    state.apply(Incident(number=1, candidate="c", label="", detail=""))
    found = incident_in(finished(FailureKind.TRIPWIRE), state)
    assert found is not None
    assert found.number == 2


def test_closing_needs_an_open_incident_and_a_note() -> None:
    state = history(Arm.TREATMENT)
    with pytest.raises(StudyError, match="no open incident 1; open: none"):
        close_incident(state, 1, by="ada", note="fine")
    state.apply(Incident(number=1, candidate="c", label="", detail=""))
    with pytest.raises(StudyError, match="needs a note"):
        close_incident(state, 1, by="ada", note=" \n")
    closed = close_incident(state, 1, by="ada", note="a backup\nread it")
    assert (closed.by, closed.note) == ("ada", "a backup read it")
    state.apply(closed)
    assert state.open_incidents == []
    with pytest.raises(StudyError, match="no open incident"):
        close_incident(state, 1, by="ada", note="again")


@pytest.mark.parametrize("voids", [False, True])
def test_who_closes_an_incident_says_whether_its_culprit_is_void(voids: bool) -> None:
    state = history(Arm.TREATMENT)
    state.apply(Incident(number=1, candidate="c", label="", detail="", voids=False))
    closed = close_incident(state, 1, by="ada", note="it was luck", voids=voids)
    assert closed.voids is voids
    assert close_incident(state, 1, by="ada", note="it was luck").voids is False
    state.apply(closed)
    assert state.voided == ({"c"} if voids else set())
