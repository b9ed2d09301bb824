"""Any body whatever comes back from its text exactly."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from filial.core import (
    ApprovalGiven,
    Arm,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    Candidate,
    Comparison,
    Failure,
    GuardCheck,
    Measurement,
    Noise,
    Prediction,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    Spend,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.storages import MemoryStorage, content, decode, encode

numbers = st.floats(allow_nan=False)
finite = st.floats(allow_nan=False, allow_infinity=False)
spends = st.builds(Spend, wall_s=finite, cpu_s=finite, gpu_s=finite, usd=finite)
measurements = st.builds(Measurement, value=finite, items=st.just(()))
results = st.one_of(
    st.fixed_dictionaries({"measurements": st.lists(measurements, min_size=1).map(tuple)}),
    st.fixed_dictionaries({"failure": st.builds(Failure)}),
)
trials = st.builds(
    lambda spec, level, result, spend: Trial(spec=spec, level=level, spend=spend, **result),
    st.builds(TrialSpec),
    st.text(),
    results,
    spends,
)
ends = st.none() | numbers
predictions = st.builds(Prediction, effect=numbers, low=ends, high=ends)
comparisons = st.builds(
    Comparison,
    differences=st.lists(numbers).map(tuple),
    estimate=numbers,
    lower=numbers,
    upper=numbers,
    e_value=numbers,
)
verdicts = st.builds(
    Verdict,
    alpha=numbers,
    comparison=st.none() | comparisons,
    guards=st.lists(st.builds(GuardCheck, harm=numbers, tolerance=numbers)).map(tuple),
)
bodies: st.SearchStrategy[Body] = st.one_of(
    st.builds(StudyOpened),
    st.builds(RunStarted),
    st.builds(RunStopped),
    st.builds(CalibrationPlanned),
    st.builds(TrialFinished, trial=trials),
    st.builds(Calibrated, noise=st.builds(Noise, sigma=numbers)),
    st.builds(
        Proposed,
        candidate=st.none() | st.builds(Candidate, predicted=st.none() | predictions),
        failure=st.none() | st.builds(Failure),
        spend=spends,
    ),
    st.builds(VerdictReached, verdict=verdicts),
    st.builds(ApprovalGiven),
    st.builds(Promoted),
    st.builds(Audited, differences=st.lists(numbers).map(tuple), lower=numbers, upper=numbers),
)


@given(bodies)
def test_bodies_come_back(body: Body) -> None:
    text = encode(body)
    again = decode(type(body).__name__, text, seq=1)
    assert again == body
    assert encode(again) == text
    assert text == json.dumps(
        json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )


@given(bodies, spends)
def test_content_does_not_depend_on_spend(body: Body, spend: Spend) -> None:
    kind = type(body).__name__
    assert content(decode(kind, content(body), seq=1)) == content(body)
    free = Proposed(index=0, proposer="", arm=Arm.TREATMENT, parent="", hypothesis="")
    dear = Proposed(index=0, proposer="", arm=Arm.TREATMENT, parent="", hypothesis="", spend=spend)
    assert content(free) == content(dear)


@given(st.lists(bodies, max_size=5), st.floats(0.0, 253_402_300_799.0))
def test_any_ledger_verifies(written: list[Body], now: float) -> None:
    storage = MemoryStorage(lambda: now)
    for body in written:
        storage.append(body)
    assert storage.verify() == len(written)
    assert [event.body for event in storage.events()] == written


def test_not_a_number_comes_back_as_not_a_number() -> None:
    body = Calibrated(noise=Noise(sigma=math.nan, n_values=0), screen_k=0)
    again = decode("Calibrated", encode(body), seq=1)
    assert isinstance(again, Calibrated)
    assert math.isnan(again.noise.sigma)
