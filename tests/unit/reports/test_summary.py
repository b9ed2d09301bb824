"""Golden numbers, worked by hand."""

import json
import math

import pytest

from filial.core import (
    Arm,
    Body,
    Candidate,
    Comparison,
    Decision,
    Failure,
    FailureKind,
    Generation,
    History,
    Incident,
    IncidentClosed,
    Judged,
    Measurement,
    Metric,
    Promoted,
    Proposed,
    Spend,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.core.measurement import Direction
from filial.reports import Terms, as_json, assess, readings, summarise
from filial.reports.rates import rate_bound
from filial.reports.summary import ArmCounts
from filial.testing.histories import EXAMPLE_PRIMARY, example_history

LOSS = Metric("loss", unit="nats", direction="min", smallest_effect=0.01)


def candidate(name: str, index: int, arm: Arm = Arm.TREATMENT) -> Proposed:
    return Proposed(
        index=index,
        proposer="p",
        arm=arm,
        parent="f0",
        hypothesis="h",
        candidate=Candidate(
            id=name, index=index, parent="f0", proposer="p", arm=arm, hypothesis="h"
        ),
    )


def trial(name: str, label: str, value: float | None, split: Split = Split.DEV) -> TrialFinished:
    spec = TrialSpec(candidate=name, split=split, build_seed=0, exam_seed=0, label=label)
    spend = Spend(cpu_s=2.0)
    if value is None:
        failure = Failure(kind=FailureKind.CRASH)
        return TrialFinished(trial=Trial(spec=spec, level="L3", failure=failure, spend=spend))
    measured = (Measurement(metric="loss", value=value),)
    return TrialFinished(trial=Trial(spec=spec, level="L3", measurements=measured, spend=spend))


def verdict(
    name: str,
    decision: Decision,
    effect: tuple[float, float, float] | None = None,
    arm: Arm = Arm.TREATMENT,
) -> VerdictReached:
    comparison = None
    if effect:
        estimate, lower, upper = effect
        comparison = Comparison(
            metric="loss", differences=(estimate,) * 3, estimate=estimate, lower=lower, upper=upper
        )
    return VerdictReached(
        verdict=Verdict(
            candidate=name,
            incumbent="f0",
            decision=decision,
            judged=Judged.RECIPE,
            reason="r",
            policy="",
            alpha=0.05 if effect else 0.0,
            comparison=comparison,
        ),
        arm=arm,
    )


def promoted(name: str, number: int) -> Promoted:
    return Promoted(generation=Generation(number=number, candidate=name, commit=""), hypothesis="")


def history(*bodies: Body) -> History:
    state = History()
    for body in (candidate("f0", -1), promoted("f0", 0), *bodies):
        state.apply(body)
    return state


def test_baseline_is_the_mean_of_f0_outside_the_sealed_split() -> None:
    state = history(
        trial("f0", "calibrate/0", 1.0),
        trial("f0", "calibrate/1", 2.0),
        trial("f0", "confirm/abc/0", 3.0, Split.CONFIRM),
        trial("f0", "confirm/abc/1", None, Split.CONFIRM),
        trial("f0", "sealed/0", 100.0, Split.SEALED),
    )
    metric = summarise(state, LOSS).metric
    assert metric.baseline == metric.incumbent == 2.0
    # sd 1, n 3: half-width = 4.302653 / sqrt(3)
    assert metric.lower == pytest.approx(2 - 2.484138, abs=1e-6)
    assert metric.upper == pytest.approx(2 + 2.484138, abs=1e-6)


def test_one_trial_has_no_interval() -> None:
    metric = summarise(history(trial("f0", "calibrate/0", 1.0)), LOSS).metric
    assert (metric.baseline, metric.lower, metric.upper) == (1.0, None, None)


TWO_PROMOTIONS = (
    trial("f0", "calibrate/0", 1.0),
    trial("f0", "calibrate/1", 3.0),
    candidate("a", 0),
    verdict("a", Decision.PROMOTE, (0.5, 0.2, 0.9)),  # 0.3 down, 0.4 up
    promoted("a", 1),
    candidate("b", 1),
    verdict("b", Decision.PROMOTE, (0.25, -0.15, 0.55)),  # 0.4 down, 0.3 up
    promoted("b", 2),
)


@pytest.mark.parametrize(
    ("direction", "incumbent", "lower", "upper"),
    [("min", 1.25, 0.75, 1.75), ("max", 2.75, 2.25, 3.25)],
)
def test_gains_add_up_and_half_widths_by_root_sum_square(
    direction: str, incumbent: float, lower: float, upper: float
) -> None:
    primary = Metric("loss", direction="min" if direction == "min" else "max")
    metric = summarise(history(*TWO_PROMOTIONS), primary).metric
    assert metric.baseline == 2.0
    assert metric.incumbent == pytest.approx(incumbent)
    assert metric.lower == pytest.approx(lower)
    assert metric.upper == pytest.approx(upper)


def test_one_promotion_shows_the_interval_of_its_verdict() -> None:
    last = readings.steps(history(*TWO_PROMOTIONS[:5]), LOSS)[-1]
    assert (last.gain, last.gain_lower, last.gain_upper) == pytest.approx((0.5, 0.2, 0.9))


def test_a_generation_that_did_not_hold_up_adds_nothing() -> None:
    """Also after a person has closed the incident and let it stay."""
    doubt = Incident(number=1, candidate="a", label="", detail="F1 did not hold up", voids=False)
    closed = IncidentClosed(number=1, by="ada", note="so be it")
    for later in ((doubt,), (doubt, closed)):
        state = history(*TWO_PROMOTIONS, *later)
        steps = readings.steps(state, LOSS)
        assert [step.generation.number for step in steps] == [0, 1, 2]
        assert [step.claimed for step in steps] == [0.0, 0.0, 0.25]
        assert (steps[-1].gain_lower, steps[-1].gain_upper) == pytest.approx((-0.15, 0.55))
        assert summarise(state, LOSS).metric.incumbent == pytest.approx(1.75)


def test_a_candidate_counts_once_with_its_latest_verdict() -> None:
    state = history(
        candidate("a", 0),
        candidate("b", 1, Arm.PLACEBO),
        candidate("c", 2, Arm.CONTROL),
        candidate("d", 3),
        verdict("a", Decision.UNDECIDED, (0.0, -1.0, 1.0)),
        verdict("a", Decision.REJECT, (0.0, -1.0, 0.0)),
        verdict("b", Decision.PROMOTE, (0.1, 0.0, 0.2), Arm.PLACEBO),
        verdict("b", Decision.REJECT, None, Arm.PLACEBO),
        verdict("c", Decision.PROMOTE, (0.1, 0.0, 0.2), Arm.CONTROL),
    )
    summary = json.loads(as_json(summarise(state, LOSS)))
    assert summary["candidates"] == 4
    assert summary["verdicts"] == {"promote": 0, "reject": 2, "undecided": 0, "void": 0}
    # A placebo that was ever promoted stays a false promotion.
    assert summary["placebos"] == {"run": 1, "promoted": 1}
    assert summarise(state, LOSS).control == ArmCounts(run=1, promoted=1)


def test_json_is_one_line_with_exactly_these_keys() -> None:
    line = as_json(summarise(example_history(60, 1), EXAMPLE_PRIMARY))
    assert "\n" not in line
    summary = json.loads(line)
    assert set(summary) == {
        "generation",
        "candidates",
        "verdicts",
        "placebos",
        "canaries",
        "incumbent",
        "metric",
        "spend",
    }
    assert set(summary["metric"]) == {"baseline", "incumbent", "lower", "upper"}
    assert set(summary["spend"]) == {
        "wall_s",
        "cpu_s",
        "tokens",
        "usd",
        "trials",
        "candidates",
        "sealed_looks",
    }


def test_an_empty_history_says_nothing_rather_than_zero() -> None:
    summary = json.loads(as_json(summarise(History(), LOSS)))
    assert summary["generation"] is summary["incumbent"] is None
    assert set(summary["metric"].values()) == {None}


def test_an_infinite_interval_is_null() -> None:
    state = history(
        trial("f0", "calibrate/0", 1.0),
        candidate("a", 0),
        verdict("a", Decision.PROMOTE, (0.5, -math.inf, math.inf)),
        promoted("a", 1),
    )
    metric = json.loads(as_json(summarise(state, LOSS)))["metric"]
    assert metric == {"baseline": 1.0, "incumbent": 0.5, "lower": None, "upper": None}


@pytest.mark.parametrize(
    ("run", "hit", "bound"),
    [(0, 0, None), (20, 0, 1 - 0.05 ** (1 / 20)), (5, 5, 1.0), (10, 1, 0.394163)],
)
def test_rate_bound_is_clopper_pearson(run: int, hit: int, bound: float | None) -> None:
    found = rate_bound(run, hit)
    assert found == (None if bound is None else pytest.approx(bound, abs=1e-6))


@pytest.mark.parametrize(
    ("direction", "lowest", "highest", "incumbent", "ends"),
    [
        ("max", 0.0, 2.5, 2.5, (2.25, 2.5)),
        ("min", 1.5, 9.0, 1.5, (1.5, 1.75)),
        ("max", 0.0, 9.0, 2.75, (2.25, 3.25)),
    ],
)
def test_a_claim_stays_within_the_range_of_the_metric(
    direction: str, lowest: float, highest: float, incumbent: float, ends: tuple[float, float]
) -> None:
    way: Direction = "min" if direction == "min" else "max"
    primary = Metric("loss", direction=way, lowest=lowest, highest=highest)
    state = history(*TWO_PROMOTIONS)
    metric = summarise(state, primary).metric
    assert metric.incumbent == pytest.approx(incumbent)
    assert (metric.lower, metric.upper) == pytest.approx(ends)
    last = readings.steps(state, primary)[-1]
    assert last.gain == pytest.approx(abs(incumbent - 2.0))
    assert last.gain_lower <= last.gain <= last.gain_upper
    assert last.claimed == 0.75, "audits are held against the claim as it was"


def test_the_panel_is_in_json_on_demand() -> None:
    state = example_history(60, 1)
    trust = assess(state, EXAMPLE_PRIMARY, Terms())
    record = json.loads(as_json(summarise(state, EXAMPLE_PRIMARY), trust))["trust"]
    assert record["answer"] == "not yet"
    assert record["line"] == trust.line
    (placebos,) = [check for check in record["checks"] if check["key"] == "placebos"]
    flags = {"essential", "about_worth"}
    assert set(placebos) == {"key", "title", "state", "text", "remedy", "numbers"} | flags
    assert placebos["numbers"]["promoted"] == 0
    assert placebos["state"] == "open"


def test_a_confirmation_costs_its_challenger_both_halves() -> None:
    name = "a" * 40
    state = history(
        trial("f0", "calibrate/0", 1.0),
        candidate(name, 0),
        trial(name, "dev/0", 0.9),
        trial("f0", f"confirm/{name[:12]}/0", 1.0, Split.CONFIRM),
        trial(name, f"confirm/{name[:12]}/0", 0.8, Split.CONFIRM),
        verdict(name, Decision.UNDECIDED, (0.2, 0.1, 0.3)),
    )
    (row,) = readings.rows(state, LOSS)
    assert (row.spend.trials, row.spend.cpu_s) == (3, 6.0)
    assert (row.screened_at.trials, row.judged_at.trials) == (2, 4)
    assert row.dev_value == 0.9
    assert row.dev_gain == pytest.approx(0.1)
