"""Evidence depends on nothing that proposers must not know, and not on how it was followed."""

from dataclasses import replace
from functools import cache
from random import Random  # noqa: TID251 - seeded by the test

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filial.briefing import evidence_of
from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Audited,
    Body,
    Comparison,
    Decision,
    EvidenceBought,
    Failure,
    FailureKind,
    History,
    Measurement,
    Split,
    Trial,
    TrialFinished,
    Verdict,
    VerdictReached,
)
from filial.hindsight import Hindsight
from filial.recollection import Recollection
from filial.testing.histories import EXAMPLE_PRIMARY, example_events

N_CANDIDATES = 120


@cache
def bodies(seed: int) -> tuple[Body, ...]:
    return tuple(event.body for event in example_events(N_CANDIDATES, seed))


def followed(told: tuple[Body, ...]) -> History:
    history = History()
    for body in told:
        history.apply(body)
    return history


def told_otherwise(body: Body, rng: Random) -> Body | None:
    """The same event where all that proposers must not know is something else."""
    match body:
        case TrialFinished(trial=trial) if trial.spec.split is not Split.DEV:
            return TrialFinished(trial=measured_otherwise(trial, rng))
        case VerdictReached(verdict=verdict, arm=arm) if verdict.alpha > 0:
            return VerdictReached(verdict=judged_otherwise(verdict, rng), arm=arm)
        case ApprovalGiven(candidate=candidate, approval=approval):
            other = Approval(granted=approval.granted, by="x", reason=f"{rng.random()}")
            return ApprovalGiven(candidate=candidate, approval=other)
        case EvidenceBought() | Audited():
            return None
        case _:
            return body


def measured_otherwise(trial: Trial, rng: Random) -> Trial:
    if rng.random() < 0.3:
        kind = rng.choice(list(FailureKind))
        failure = Failure(kind=kind, detail=f"item {rng.random()}")
        return replace(trial, measurements=(), failure=failure)
    names = [m.metric for m in trial.measurements] or [EXAMPLE_PRIMARY.name]
    values = tuple(Measurement(metric=name, value=99 * rng.random()) for name in names)
    return replace(trial, measurements=values, failure=None)


def judged_otherwise(verdict: Verdict, rng: Random) -> Verdict:
    numbers = [99 * rng.random() for _ in range(5)]
    comparison = Comparison(
        metric=EXAMPLE_PRIMARY.name,
        differences=(numbers[0],),
        estimate=numbers[1],
        lower=numbers[2],
        upper=numbers[3],
        e_value=numbers[4],
    )
    decision = verdict.decision
    if decision is not Decision.PROMOTE:
        decision = rng.choice([Decision.REJECT, Decision.UNDECIDED, Decision.VOID])
    return replace(
        verdict,
        decision=decision,
        reason=f"E = {rng.random()}",
        alpha=rng.random() + 0.01,
        comparison=rng.choice([comparison, None]),
        guards=(),
    )


def parents(history: History) -> list[str]:
    return [s.candidate.id for s in history.standings.values() if s.candidate.arm is Arm.TREATMENT]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 7), other=st.integers(0, 10**9))
def test_nothing_but_the_promotions_of_confirmations_shows(seed: int, other: int) -> None:
    rng = Random(other)  # noqa: S311 - not for cryptography
    told = bodies(seed)
    changed = (told_otherwise(body, rng) for body in told)
    first = followed(told)
    second = followed(tuple(body for body in changed if body is not None))
    parent = rng.choice(parents(first))
    assert evidence_of(first, parent, EXAMPLE_PRIMARY) == evidence_of(
        second, parent, EXAMPLE_PRIMARY
    )


def test_the_test_would_notice_a_promotion() -> None:
    told = bodies(0)
    (promotion, *_) = [
        body
        for body in told
        if isinstance(body, VerdictReached)
        and body.verdict.decision is Decision.PROMOTE
        and body.arm is Arm.TREATMENT
    ]
    undone = replace(promotion, verdict=replace(promotion.verdict, decision=Decision.REJECT))
    cut = told.index(promotion)
    parent = parents(followed(told[:cut]))[0]
    found = [
        evidence_of(followed((*told[:cut], body)), parent, EXAMPLE_PRIMARY).n_tried
        for body in (promotion, undone)
    ]
    assert found[0] != found[1]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 7), cuts=st.lists(st.integers(0, 10**4), max_size=12))
def test_following_step_by_step_is_as_good_as_from_the_beginning(
    seed: int, cuts: list[int]
) -> None:
    told, history = bodies(seed), History()
    recollection = Recollection(Hindsight(EXAMPLE_PRIMARY))
    stops = {cut % len(told) for cut in cuts} | {len(told) - 1}
    for position, body in enumerate(told):
        history.apply(body)
        if position in stops and history.generations:
            for parent in (history.incumbent.candidate, parents(history)[-1]):
                expected = evidence_of(history, parent, EXAMPLE_PRIMARY)
                assert recollection.evidence(history, parent) == expected


@pytest.mark.parametrize("seed", range(3))
def test_dev_gains_are_multiples_of_a_step(seed: int) -> None:
    history = followed(bodies(seed))
    found = evidence_of(history, history.incumbent.candidate, EXAMPLE_PRIMARY)
    gains = [one.dev_gain for one in found.tried if one.dev_gain is not None]
    assert gains
    assert all(abs(gain / 0.02 - round(gain / 0.02)) < 1e-9 for gain in gains)  # sigma is 0.028
