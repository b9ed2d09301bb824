"""Placebos, canaries, spared candidates: rates with their bounds."""

from dataclasses import replace

import pytest

from filial.core import (
    Arm,
    Decision,
    History,
    Incident,
    IncidentClosed,
    Spared,
    VerdictReached,
)
from filial.reports import Check, State, Terms, assess
from filial.testing.histories import EXAMPLE_PRIMARY, example_history


def check_of(history: History, key: str) -> Check:
    (found,) = [c for c in assess(history, EXAMPLE_PRIMARY, Terms()).checks if c.key == key]
    return found


def promote(history: History, arm: Arm) -> int:
    """Has one candidate of an arm promoted, and returns its number."""
    reached = next(r for r in history.verdicts if r.arm is arm)
    history.apply(replace(reached, verdict=replace(reached.verdict, decision=Decision.PROMOTE)))
    return history.standings[reached.verdict.candidate].candidate.index


def test_placebos_count_once_their_rate_is_bounded() -> None:
    few, many = (check_of(example_history(n, 3), "placebos") for n in (120, 400))
    assert (few.state, many.state) == (State.OPEN, State.HELD)
    # 0 of 13 leaves 1 - 0.05^(1/13) = 20.6 %; 0 of 29 is the first below 10 %.
    assert "0 of 13" in few.text
    assert "at most 21 %" in few.text
    assert few.remedy.startswith("16 more ")


def test_a_promoted_placebo_is_named() -> None:
    history = example_history(400, 3)
    index = promote(history, Arm.PLACEBO)
    found = check_of(history, "placebos")
    assert found.state is State.FAILED
    assert f"#{index}" in found.remedy


def test_caught_canaries_come_with_a_lower_bound() -> None:
    found = check_of(example_history(400, 3), "canaries")
    assert found.state is State.HELD
    # 0.05^(1/15) = 81.9 %
    assert found.text == "15 of 15 known cheats were caught, at least 82 % with 95 % confidence."


def test_a_canary_that_passes_fails_the_exam() -> None:
    history = example_history(400, 3)
    index = promote(history, Arm.CANARY)
    found = check_of(history, "canaries")
    assert (found.state, found.numbers["promoted"]) == (State.FAILED, 1)
    assert f"#{index}" in found.remedy


def test_an_incident_fails_until_a_person_has_closed_it() -> None:
    history = example_history(400, 3)
    culprit = history.generations[1].candidate
    history.apply(Incident(number=1, candidate=culprit, label="", detail="d", voids=False))
    assert check_of(history, "canaries").state is State.FAILED
    history.apply(IncidentClosed(number=1, by="me", note="looked into"))
    found = check_of(history, "canaries")
    assert found.state is State.HELD
    assert "1 incident, 0 of them open" in found.text


@pytest.mark.parametrize(
    ("n_rejected", "n_promoted", "state"),
    [(0, 0, State.OPEN), (5, 0, State.OPEN), (40, 0, State.HELD), (10, 5, State.FAILED)],
)
def test_screens_are_judged_by_those_they_spared(
    n_rejected: int, n_promoted: int, state: State
) -> None:
    history = example_history(400, 3)
    history.spared.clear()
    confirmed = [r for r in history.verdicts if r.arm is Arm.TREATMENT and r.verdict.alpha > 0]
    decisions = [Decision.REJECT] * n_rejected + [Decision.PROMOTE] * n_promoted
    for reached, decision in zip(confirmed, decisions, strict=False):
        verdict = replace(reached.verdict, decision=decision)
        history.apply(Spared(candidate=verdict.candidate, reason="too small a gain"))
        history.apply(VerdictReached(verdict=verdict, arm=Arm.TREATMENT))
    found = check_of(history, "screens")
    assert found.state is state
    assert found.numbers["spared"] == n_rejected + n_promoted
