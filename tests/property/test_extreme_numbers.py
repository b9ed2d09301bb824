"""Absurd but finite numbers: no gate and no report fails on them, and nobody wins by overflow."""

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from filial.core import (
    LARGEST,
    Budget,
    Decision,
    Direction,
    Event,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Pair,
    Trial,
    TrialFinished,
    VerdictReached,
)
from filial.gates import Case, ConfirmationGate, ConstructionGate, Gate
from filial.reports import as_json, lineage, log, show, status, summarise, write_report
from filial.testing.gate_contract import LOSS, MEMORY, pairs, trial
from filial.testing.histories import EXAMPLE_PRIMARY, example_diffs, example_events

EDGES = (0.0, 5e-324, 1e-308, 1e-160, 1.0, 1e99, 1e100, 1e101, 1e154, 1e160, 8e307, 1.7e308)
VALUES = st.sampled_from([*EDGES, *(-edge for edge in EDGES)]) | st.floats(
    allow_nan=False, allow_infinity=False
)
COLUMN = st.lists(VALUES, min_size=1, max_size=10)


def case(gate: Gate, primary: Metric, calibration: Sequence[float]) -> Case:
    trials = tuple(trial("old", value) for value in calibration)
    return Case(
        challenger="new",
        incumbent="old",
        judged=Judged.RECIPE,
        primary=primary,
        guards=(MEMORY,),
        noise=gate.noise(primary, trials),
        alpha=0.002,
    )


def is_absurd(pair: Pair) -> bool:
    return not all(m.is_usable for m in pair.challenger.measurements)


@pytest.mark.parametrize("gate", [ConfirmationGate(), ConstructionGate()], ids=["e", "exact"])
@given(
    direction=st.sampled_from(["min", "max"]),
    calibration=st.lists(VALUES, max_size=22),
    columns=st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), min_size=1, max_size=16),
    judged=st.sampled_from([Judged.RECIPE, Judged.ARTIFACT]),
    margin=st.sampled_from([0.0, 5e-324, 1e-160, 1.0, LARGEST]),
)
def test_no_number_breaks_a_gate(
    gate: Gate,
    direction: Direction,
    calibration: list[float],
    columns: list[tuple[float, float, float, float]],
    judged: Judged,
    margin: float,
) -> None:
    primary = replace(LOSS, direction=direction)
    before = replace(case(gate, primary, calibration), judged=judged, margin=margin)
    assert math.isfinite(before.noise.sigma)
    evidence = tuple(
        Pair(
            incumbent=trial("old", old, k=k, memory=old_memory),
            challenger=trial("new", new, k=k, memory=new_memory),
        )
        for k, (old, new, old_memory, new_memory) in enumerate(columns)
    )
    for pair in evidence:
        verdict = gate.screen(before, pair.incumbent, pair.challenger)
        assert verdict is not None or not is_absurd(pair)
    for n in range(1, len(evidence) + 1):
        so_far = replace(before, pairs=evidence[:n])
        verdict = gate.judge(so_far)
        assert 0 <= gate.more_pairs(so_far) <= 100
        if verdict is None:
            continue
        if any(map(is_absurd, evidence[:n])):
            assert verdict.decision is Decision.REJECT
        if verdict.comparison is not None:
            found = verdict.comparison
            numbers = (found.estimate, found.lower, found.upper, found.e_value)
            assert all(map(math.isfinite, (*numbers, *found.differences)))
        if verdict.decision is Decision.PROMOTE:
            gains = [before.gain(pair.incumbent, pair.challenger) for pair in evidence[:n]]
            assert sum(gain > -margin for gain in gains) > n / 2
            again = tuple(trial("new", new, k=100 + k) for k, (_, new, *_) in enumerate(columns))
            assert gate.replicate(so_far, verdict, again).decision in Decision


@given(smallest=st.sampled_from(EDGES), sigma=st.sampled_from(EDGES[:8]))
def test_no_smallest_effect_makes_a_margin_nobody_can_reckon_with(
    smallest: float, sigma: float
) -> None:
    primary = replace(LOSS, smallest_effect=smallest)
    for gate in (ConfirmationGate(), ConstructionGate()):
        for n_values in (0, 8):
            margin = gate.not_worse(primary, Noise(sigma=sigma, n_values=n_values))
            assert 0 <= margin <= min(smallest, LARGEST)


@given(sigma=st.sampled_from([e for e in EDGES if e <= LARGEST]), loss=st.sampled_from(EDGES[4:]))
def test_however_much_worse_it_is_no_gain(sigma: float, loss: float) -> None:
    """Rounding must not turn a disaster of many sigmas into evidence."""
    gate = ConfirmationGate()
    worse = case(gate, replace(LOSS, direction="min"), ())
    for n_values in (2, 8, 40):
        noise = Noise(sigma=sigma, n_values=n_values)
        losses = [loss * (1 - k / 7) for k in range(6)] * 2
        verdict = gate.judge(replace(worse, noise=noise, pairs=pairs([0.0] * 12, losses)))
        assert verdict is None or verdict.decision is Decision.REJECT
        if verdict is not None and verdict.comparison is not None:
            assert verdict.comparison.e_value < 1


def absurd(events: Sequence[Event], values: Sequence[float]) -> list[Event]:
    """The same study, its measurements and comparisons replaced in turn."""
    made, n = [], 0
    for event in events:
        body = event.body
        if isinstance(body, TrialFinished) and body.trial.measurements:
            body = replace(body, trial=spoilt(body.trial, values[n % len(values)]))
            n += 1
        if isinstance(body, VerdictReached) and body.verdict.comparison is not None:
            value = max(-LARGEST, min(LARGEST, values[n % len(values)]))
            found = replace(
                body.verdict.comparison,
                differences=(value, -value),
                estimate=value,
                lower=-abs(value),
                upper=abs(value),
            )
            body = replace(body, verdict=replace(body.verdict, comparison=found))
            n += 1
        made.append(replace(event, body=body))
    return made


def spoilt(run: Trial, value: float) -> Trial:
    found = tuple(Measurement(metric=m.metric, value=value) for m in run.measurements)
    return replace(run, measurements=found)


EVENTS = tuple(example_events(12, seed=1))


@settings(max_examples=12, deadline=None)
@given(values=COLUMN)
def test_no_number_breaks_a_report(values: list[float]) -> None:
    history = History.of(absurd(EVENTS, values))
    json_line = as_json(summarise(history, EXAMPLE_PRIMARY))
    assert "Infinity" not in json_line
    assert "NaN" not in json_line
    console = Console(file=io.StringIO(), width=120)
    console.print(status(history, Budget(), EXAMPLE_PRIMARY))
    console.print(log(history, EXAMPLE_PRIMARY))
    console.print(lineage(history, EXAMPLE_PRIMARY))
    for standing in history.standings.values():
        console.print(show(standing, history, EXAMPLE_PRIMARY))
    with TemporaryDirectory() as folder:
        write_report(
            Path(folder, "report.html"),
            history,
            budget=Budget(),
            primary=EXAMPLE_PRIMARY,
            diffs=example_diffs(history),
        )
