"""What a study can find out: numbers worked by hand."""

import math
from dataclasses import replace

import pytest

from filial import forecast
from filial.core import (
    Budget,
    Failure,
    FailureKind,
    Judged,
    Measurement,
    Metric,
    Noise,
    Spend,
    Split,
    Trial,
    TrialSpec,
)
from filial.gates import Rule, for_judged
from filial.planning import Plan, plan
from filial.purse import Pilot, Terms

LOSS = Metric("loss", unit="bits", direction="min", smallest_effect=1.0, lowest=0.0)
TERMS = Terms(
    primary=LOSS,
    judged=Judged.RECIPE,
    rule=Rule(),
    budget=Budget(),
    workers=2,
    batch=4,
    survivors=0.0,
    is_built=True,
    n_calibration=10,
    n_audit=7,
    n_after=10.0,
)


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulations are tested elsewhere."""
    monkeypatch.setattr(forecast, "_N_ROWS", 50)
    monkeypatch.setattr(forecast, "_LEAST_ROWS", 50)


def trial(
    value: float | None, wall_s: float = 10.0, cpu_s: float = 20.0, items: tuple[float, ...] = ()
) -> Trial:
    spec = TrialSpec(candidate="f0", split=Split.DEV, build_seed=0, exam_seed=0, label="dev/0")
    spend = Spend(wall_s=wall_s, cpu_s=cpu_s)
    if value is None:
        failure = Failure(kind=FailureKind.CRASH, detail="no")
        return Trial(spec=spec, level="L3", failure=failure, spend=spend)
    found = (Measurement(metric="loss", value=value, items=items),)
    return Trial(spec=spec, level="L3", measurements=found, spend=spend)


def pilot(*trials: Trial, judged: Judged = Judged.RECIPE) -> Pilot:
    gate = for_judged(judged)
    return Pilot(trials=trials, noise=gate.noise(LOSS, trials), alpha=gate.alpha(()))


THREE = pilot(trial(4.0), trial(5.0), trial(6.0))


def planned(budget: Budget, one: Pilot = THREE, terms: Terms = TERMS) -> Plan:
    return plan(one, replace(terms, budget=budget))


def test_noise() -> None:
    found = planned(Budget())
    assert found.value == 5.0
    assert found.room == 5.0  # no loss is below 0
    assert found.noise == Noise(sigma=pytest.approx(math.sqrt(2)), n_values=3)  # type: ignore[arg-type]
    assert found.threshold == pytest.approx(2000)
    assert found.reach is not None
    # Chi-square with 2 degrees of freedom: 7.378 and 0.05064 at 2.5 % and 97.5 %.
    low, high = found.reach.sigma_range
    assert low == pytest.approx(math.sqrt(2 * 2 / 7.378), rel=1e-3)
    assert high == pytest.approx(math.sqrt(2 * 2 / 0.05064), rel=1e-3)


def test_what_three_seeds_find() -> None:
    """With 80 % power at 5 %, a paired t-test on three seeds finds 2.3 sigma and more."""
    reach = planned(Budget()).reach
    assert reach is not None
    assert reach.habit == pytest.approx(2.30 * math.sqrt(2), rel=0.01)


def test_the_smallest_effect_against_the_noise() -> None:
    noisy = planned(Budget()).reach
    assert noisy is not None
    assert noisy.detectable is not None
    assert noisy.detectable > LOSS.smallest_effect  # it is 0.7 sigma
    assert noisy.is_in_reach is False
    assert noisy.pairs_needed is not None
    assert noisy.pairs_needed > TERMS.rule.max_pairs
    quiet = planned(Budget(), pilot(trial(4.9), trial(5.0), trial(5.1))).reach
    assert quiet is not None
    assert quiet.detectable == pytest.approx(1.0, abs=0.1)
    assert quiet.is_in_reach is True


def test_no_smallest_effect() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=0.0, lowest=-math.inf))
    found = plan(THREE, terms)
    assert found.room is None
    assert found.reach is not None
    assert found.reach.is_in_reach is None
    assert found.reach.pairs_needed is None


def test_the_table_holds_what_the_answer_names() -> None:
    reach = planned(Budget()).reach
    assert reach is not None
    gains = [one.gain for one in reach.chances]
    assert gains == sorted(gains)
    assert gains[0] == 0.0
    assert {reach.detectable, LOSS.smallest_effect} <= set(gains)


def test_the_cost_of_a_trial() -> None:
    trials = (trial(4.0, 9.0, 18.0), trial(5.0, 10.0, 20.0), trial(6.0, 14.0, 21.0))
    costs = planned(Budget(), pilot(*trials)).costs
    assert (costs.wall_s, costs.wall_range_s) == (10.0, (9.0, 14.0))
    assert (costs.cpu_s, costs.cpu_range_s) == (20.0, (18.0, 21.0))
    assert costs.trials_per_hour == 720  # two workers
    # A worker that is busy for 12 s a trial, of which 10 s are in the sandbox.
    slow = planned(Budget(), replace(pilot(*trials), pace_s=12.0)).costs
    assert slow.trials_per_hour == 600


@pytest.mark.parametrize(
    ("budget", "n_trials", "ceiling"),
    [
        (Budget(), None, None),
        (Budget(candidates=9), None, None),
        (Budget(wall_s=1000.0), 200, "wall_s"),  # two at a time, ten seconds each
        (Budget(cpu_s=1000.0), 50, "cpu_s"),
        (Budget(wall_s=1000.0, cpu_s=1000.0), 50, "cpu_s"),
        (Budget(trials=40, cpu_s=1000.0), 40, "trials"),
    ],
)
def test_the_trials_a_budget_buys(
    budget: Budget, n_trials: int | None, ceiling: str | None
) -> None:
    purse = planned(budget).purse
    assert (purse.n_trials, purse.ceiling) == (n_trials, ceiling)
    assert (purse.n_calibration, purse.n_audit) == (10, 7)


def test_candidates_that_gain_nothing() -> None:
    found = planned(Budget(trials=1010))
    assert found.reach is not None
    null = found.reach.chances[0]
    # One dev trial each, and two trials a pair for those that pass the screen by chance.
    each = 1 + 2 * null.passes * null.pairs
    assert found.purse.n_candidates == int(1000 / each)
    assert found.purse.n_confirmed == round(null.passes * int(1000 / each))
    assert found.purse.null_pairs == null.pairs
    assert found.purse.limit == "trials"


def test_the_spared_are_confirmed_as_well() -> None:
    few = planned(Budget(candidates=1000))
    many = planned(Budget(candidates=1000), terms=replace(TERMS, survivors=0.5))
    assert few.purse.n_confirmed == 159  # those beyond one sigma
    assert many.purse.n_confirmed == 579  # and half of the others


def test_wall_clock_of_a_candidate() -> None:
    """A dev trial takes a quarter of its time with four workers; a pair occupies two of them."""
    found = planned(Budget(wall_s=10_000.0), terms=replace(TERMS, workers=4, n_calibration=0))
    assert found.reach is not None
    null = found.reach.chances[0]
    each = 10 / 4 + 10 * null.passes * null.pairs
    assert found.purse.n_candidates == int(10_000 / each)


def test_a_real_gain() -> None:
    found = planned(Budget())
    assert found.reach is not None
    pairs = next(c.pairs for c in found.reach.chances if c.gain == found.reach.detectable)
    assert found.purse.gain_trials == pytest.approx(1 + 2 * pairs + 10)


def test_a_budget_of_few_pairs_detects_less() -> None:
    found = planned(Budget(trials=27))  # 10 to calibrate, 1 dev trial, 8 pairs
    assert found.n_affordable == 8
    assert found.reach is not None
    rich = planned(Budget()).reach
    assert rich is not None
    assert found.reach.detectable is not None
    assert rich.detectable is not None
    assert found.reach.detectable > rich.detectable


@pytest.mark.parametrize("n_trials", [5, 12, 15])
def test_a_budget_of_hardly_any_pairs_detects_nothing(n_trials: int) -> None:
    reach = planned(Budget(trials=n_trials)).reach
    assert reach is not None
    assert reach.detectable is None


def test_a_study_under_way() -> None:
    """What was spent is gone, and calibration is done."""
    spent = Spend(wall_s=100.0, cpu_s=900.0, trials=45)
    found = planned(Budget(cpu_s=1000.0), replace(THREE, is_recorded=True, spend=spent))
    assert found.is_recorded
    assert found.purse.n_trials == 5
    assert found.purse.n_calibration == 0


def test_a_spent_budget() -> None:
    spent = Spend(cpu_s=2000.0)
    found = planned(Budget(cpu_s=1000.0), replace(THREE, is_recorded=True, spend=spent))
    assert (found.purse.n_trials, found.purse.n_candidates, found.n_affordable) == (0, 0, 0)


def test_artifacts_are_built_once() -> None:
    """The dev trial of a candidate builds it; the trials of its pairs do not."""
    terms = replace(TERMS, judged=Judged.ARTIFACT, n_calibration=0, workers=1)
    trials = [trial(v, cpu_s=c) for v, c in ((4.0, 100.0), (5.0, 2.0), (6.0, 2.0), (5.0, 2.0))]
    found = planned(Budget(cpu_s=10_000.0), pilot(*trials), terms)
    assert found.reach is not None
    null = found.reach.chances[0]
    assert found.purse.n_candidates == int(10_000 / (100 + 4 * null.passes * null.pairs))


@pytest.mark.parametrize(
    ("judged", "items", "n_items"),
    [
        (Judged.ARTIFACT, (0.0, 1.0, 1.0), 3),
        (Judged.ARTIFACT, (0.0, 0.5, 1.0), 0),
        (Judged.RECIPE, (0.0, 1.0, 1.0), 0),
    ],
)
def test_items_passed_or_failed(judged: Judged, items: tuple[float, ...], n_items: int) -> None:
    values = (0.5, 0.6, 0.7)
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=0.05), judged=judged)
    found = plan(pilot(*(trial(v, items=items) for v in values)), terms)
    assert found.reach is not None
    assert found.reach.n_items == n_items


def test_constructions_have_no_noise() -> None:
    terms = replace(TERMS, judged=Judged.CONSTRUCTION, n_calibration=1, n_after=1.0)
    one = pilot(trial(4.0), trial(4.0), trial(4.0), judged=Judged.CONSTRUCTION)
    found = planned(Budget(trials=101), one, terms)
    assert found.reach is None
    assert found.threshold == 1.0
    assert found.purse.n_candidates == 100  # after calibration, one trial each
    assert found.purse.n_confirmed == 0
    assert found.purse.gain_trials == 6  # a dev trial, two pairs, and one on the next dev seed


def test_no_noise_at_all() -> None:
    found = planned(Budget(), pilot(trial(4.0), trial(4.0), trial(4.0)))
    assert found.reach is None
    assert found.noise == Noise(sigma=0.0, n_values=3)
    # Values of both sides in perfect order are evidence of no more than 20 : 1 after three pairs.
    assert found.n_steady is not None
    assert 4 < found.n_steady <= 16
    short = planned(
        Budget(),
        pilot(trial(4.0), trial(4.0), trial(4.0)),
        replace(TERMS, rule=Rule(max_pairs=3)),
    )
    assert short.n_steady is None
    assert short.purse.gain_trials is None


def test_failures_are_counted() -> None:
    found = planned(Budget(), pilot(trial(4.0), trial(None), trial(6.0)))
    assert (found.n_trials, found.n_failed, found.noise.n_values) == (3, 1, 2)
    assert found.value == 5.0


def test_trials_that_take_no_time() -> None:
    found = planned(Budget(wall_s=1.0), pilot(*(trial(v, 0.0, 0.0) for v in (4.0, 5.0, 6.0))))
    assert found.costs.trials_per_hour is None
    assert found.purse.n_trials is None


def test_what_a_larger_budget_would_detect() -> None:
    short, rich = planned(Budget(trials=15)).reach, planned(Budget()).reach
    assert short is not None
    assert rich is not None
    assert (short.detectable, short.unhurried) == (None, rich.detectable)
    assert rich.unhurried is None
    # Ten to calibrate, one dev trial, sixteen pairs, ten after a promotion.
    assert planned(Budget(trials=15)).purse.whole_trials == 53


def test_no_exam_has_more_to_gain_than_all_of_its_items() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=0.05), judged=Judged.ARTIFACT)
    trials = [trial(v, items=(0.0, 1.0)) for v in (0.0, 0.5, 1.0)]
    reach = plan(pilot(*trials), terms).reach
    assert reach is not None
    assert max(one.gain for one in reach.chances) <= 1.0
