"""What a study can find out: numbers worked by hand."""

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from filial import forecast, reach
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
from filial.purse import Declared, Pilot, Record
from filial.reports.instruments.noise import sigma_interval

LOSS = Metric("loss", unit="bits", direction="min", smallest_effect=1.0, lowest=0.0)
TERMS = Declared(
    primary=LOSS,
    judged=Judged.RECIPE,
    rule=Rule(),
    budget=Budget(),
    workers=2,
    batch=4,
    survivors=0.0,
    treatment=1.0,
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
    monkeypatch.setattr(reach, "_N_HALVINGS", 6)


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


@cache
def planned(budget: Budget, one: Pilot = THREE, terms: Declared = TERMS) -> Plan:
    return plan(one, replace(terms, budget=budget))


def test_noise() -> None:
    found = planned(Budget())
    assert found.value == 5.0
    assert found.room == 5.0  # no loss is below 0
    assert found.noise == Noise(sigma=pytest.approx(math.sqrt(2)), n_values=3)  # type: ignore[arg-type]
    assert found.threshold == pytest.approx(2000)
    assert found.reach is not None
    assert found.reach.sigma_range == sigma_interval(found.noise)


def test_what_three_seeds_find() -> None:
    """With 80 % power at 5 %, a paired t-test on three seeds finds 2.3 sigma and more."""
    reach = planned(Budget()).reach
    assert reach is not None
    assert reach.habit == pytest.approx(2.30 * math.sqrt(2), rel=0.01)


def test_what_is_detected_is_promoted_in_four_of_five_cases_from_the_screen_on() -> None:
    found = planned(Budget()).reach
    assert found is not None
    assert found.detectable is not None
    at = found.at(found.detectable)
    assert at.passes * at.promoted >= 0.8
    # A gain of two digits: what is printed is what was asked about.
    assert float(f"{found.detectable:.2g}") == pytest.approx(found.detectable, rel=1e-12)


def test_a_screen_that_few_pass_leaves_little_to_detect() -> None:
    strict = planned(Budget(), terms=replace(TERMS, rule=Rule(screen_sigmas=4.0))).reach
    lenient = planned(Budget()).reach
    assert strict is not None
    assert lenient is not None
    assert strict.detectable is not None
    assert lenient.detectable is not None
    assert strict.detectable > lenient.detectable
    assert strict.at(strict.detectable).sigmas > 4.8  # 80 % of candidates gain 0.84 sigma less


def test_those_spared_by_lot_pass_the_screen() -> None:
    bare, lucky = (planned(Budget(), terms=replace(TERMS, survivors=s)).reach for s in (0.0, 0.5))
    assert bare is not None
    assert lucky is not None
    null = bare.at(0.0).passes
    assert lucky.at(0.0).passes == pytest.approx(null + 0.5 * (1 - null))


def test_the_smallest_effect_against_the_noise() -> None:
    noisy = planned(Budget()).reach
    assert noisy is not None
    assert noisy.detectable is not None
    assert noisy.detectable > LOSS.smallest_effect  # it is 0.7 sigma
    assert noisy.is_in_reach is False
    quiet = planned(Budget(), pilot(trial(4.9), trial(5.0), trial(5.1))).reach
    assert quiet is not None
    assert quiet.detectable == pytest.approx(1.1, abs=0.1)
    assert quiet.is_in_reach is True
    assert (quiet.patience, quiet.unscreened) == (None, None)


def test_a_gain_that_the_screen_mostly_rejects_is_out_of_reach() -> None:
    """Past the screen it is proven nearly always, but half of those with it are rejected."""
    noise = Noise(sigma=1.0, n_values=40)
    terms = replace(TERMS, rule=Rule(max_pairs=64))
    found = planned(Budget(), replace(THREE, noise=noise, is_recorded=True), terms).reach
    assert found is not None
    at = found.at(1.0)
    assert at.passes == pytest.approx(0.5, abs=0.01)
    assert at.proven > 0.9
    assert found.is_in_reach is False
    assert found.unscreened is not None
    smallest, null = found.unscreened
    assert smallest.passes == pytest.approx(0.84, abs=0.01)
    assert null.passes == pytest.approx(0.5, abs=0.01)


def aa(seed: int) -> Pilot:
    """Twelve A/A trials: sigma is sqrt(2) times 0.5."""
    draws = np.random.default_rng(seed).normal(5.0, 0.5, 12)
    return pilot(*(trial(float(value)) for value in draws))


def test_advice_that_no_number_of_pairs_makes_safe_says_so() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=1.5))
    found = planned(Budget(), terms=terms).reach  # three values: sigma may be six times as large
    assert found is not None
    assert found.patience is not None
    assert found.patience.proven >= 0.8
    assert found.patience.proven_at_worst < 0.5


def test_no_pairs_are_advised_where_none_would_do() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=0.1))
    found = planned(Budget(), terms=terms).reach
    assert found is not None
    assert (found.is_in_reach, found.patience) == (False, None)


def test_what_would_be_detected_at_either_end_of_sigma() -> None:
    found = planned(Budget(), aa(0)).reach
    assert found is not None
    assert found.detectable is not None
    assert found.detectable_range is not None
    low, high = found.detectable_range
    assert low is not None
    assert high is not None
    assert low < found.detectable < high


def test_no_smallest_effect() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=0.0, lowest=-math.inf))
    found = plan(THREE, terms)
    assert found.room is None
    assert found.reach is not None
    assert found.reach.is_in_reach is None
    assert (found.reach.patience, found.reach.unscreened) == (None, None)


def test_the_table_holds_what_the_answer_names() -> None:
    reach = planned(Budget()).reach
    assert reach is not None
    gains = [one.gain for one in reach.chances]
    assert gains == sorted(gains)
    assert gains[0] == 0.0
    assert {reach.detectable, LOSS.smallest_effect} <= set(gains)


def test_no_two_rows_look_alike() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=1.8))
    found = planned(Budget(), terms=terms).reach
    assert found is not None
    sizes = [one.gain for one in found.chances if one.gain]
    assert all(b > 1.03 * a for a, b in pairwise(sizes))


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
    ("budget", "limit"),
    [
        (Budget(), None),
        (Budget(candidates=9), "candidates"),
        (Budget(wall_s=1000.0), "wall_s"),
        (Budget(wall_s=1000.0, cpu_s=1000.0), "cpu_s"),  # two workers: five seconds and twenty
        (Budget(trials=40, cpu_s=1000.0), "trials"),
        (Budget(candidates=9, wall_s=36_000.0), "candidates"),
        (Budget(candidates=10**6, wall_s=36_000.0), "wall_s"),
    ],
)
def test_the_ceiling_that_ends_the_study(budget: Budget, limit: str | None) -> None:
    purse = planned(budget).purse
    assert purse.limit == limit
    assert purse.left == (None if limit is None else getattr(budget, limit))
    assert (purse.n_calibration, purse.n_audit) == (10, 7)


def test_candidates_that_gain_nothing() -> None:
    found = planned(Budget(trials=1010))
    assert found.reach is not None
    null = found.reach.chances[0]
    # One dev trial each, and two trials a pair for those that pass the screen by chance.
    each = 1 + 2 * null.passes * null.pairs
    assert found.purse.n_candidates == found.purse.n_proposals == int(1000 / each)
    assert found.purse.n_confirmed == round(null.passes * int(1000 / each))
    assert found.purse.pairs == null.pairs
    assert found.purse.n_trials == pytest.approx(1010, abs=each)
    assert found.purse.wall_s is not None
    # All at a time but for confirmations, of which one goes on at a time.
    assert found.purse.wall_s == pytest.approx(1010 / 2 * 10, rel=0.01)


def test_the_spared_are_confirmed_as_well() -> None:
    few = planned(Budget(candidates=1000))
    many = planned(Budget(candidates=1000), terms=replace(TERMS, survivors=0.5))
    assert few.purse.n_confirmed == 159  # those beyond one sigma
    assert many.purse.n_confirmed == 579  # and half of the others


def test_only_the_treatment_may_be_promoted() -> None:
    found = planned(Budget(candidates=60), terms=replace(TERMS, treatment=0.78)).purse
    assert (found.n_candidates, found.n_treatment) == (60, 47)


RECORD = Record(n_proposals=60, n_tried=30, n_treatment=18, n_confirmed=6, n_pairs=54)
"""Half of the proposals were duplicates; a fifth of those tried had nine pairs each."""


def test_duplicates_use_up_proposals_but_no_trials() -> None:
    one = replace(THREE, is_recorded=True, record=RECORD, spend=Spend(candidates=60, trials=148))
    found = planned(Budget(candidates=160), one)
    assert (found.n_refused, found.n_proposals) == (30, 60)
    purse = found.purse
    assert (purse.limit, purse.left) == ("candidates", 100)
    assert (purse.n_proposals, purse.n_candidates, purse.n_treatment) == (100, 50, 30)
    assert (purse.n_confirmed, purse.pairs) == (10, 9.0)
    assert purse.n_trials == 50 + 2 * 10 * 9


def test_duplicates_do_not_cost_trials() -> None:
    one = replace(THREE, is_recorded=True, record=RECORD)
    purse = planned(Budget(trials=460), one).purse
    # A dev trial each, and for a fifth of them nine pairs.
    assert (purse.limit, purse.n_candidates, purse.n_proposals) == ("trials", 100, 200)


def test_a_few_proposals_tell_nothing() -> None:
    few = Record(n_proposals=5, n_tried=1, n_treatment=1)
    found = planned(Budget(candidates=160), replace(THREE, is_recorded=True, record=few))
    assert (found.n_refused, found.n_proposals, found.purse.n_candidates) == (0, 0, 160)


def test_a_study_of_nothing_but_duplicates_so_far() -> None:
    none = Record(n_proposals=50)
    found = planned(Budget(candidates=160), replace(THREE, is_recorded=True, record=none))
    assert found.purse.n_candidates == 160


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
    assert found.purse.gain_fits is None


def test_a_gain_that_the_budget_does_not_pay_for() -> None:
    terms = replace(TERMS, judged=Judged.CONSTRUCTION, n_calibration=1, n_after=1.0)
    one = pilot(trial(4.0), trial(4.0), judged=Judged.CONSTRUCTION)
    # One calibrates; a dev trial, two pairs, and one on the next dev seed.
    assert planned(Budget(trials=7), one, terms).purse.gain_fits is True
    assert planned(Budget(trials=6), one, terms).purse.gain_fits is False
    # A ceiling on proposals bears on no gain's trials.
    assert planned(Budget(candidates=1)).purse.gain_fits is True


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
    assert (found.purse.limit, found.purse.left) == ("cpu_s", 100.0)
    assert found.purse.n_trials is not None
    assert found.purse.n_trials <= 5  # of 20 s each
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


def test_ceilings_that_are_too_low_for_the_pairs_that_are_advised() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=10.0))  # nothing to advise
    # One dev trial, sixteen pairs and ten after a promotion; calibration takes a tenth of all.
    short = planned(Budget(trials=15), terms=terms).purse
    assert short.raised == {"trials": pytest.approx(43 / 0.9)}
    assert planned(Budget(trials=48), terms=terms).purse.raised == {}
    # Ten seconds of each of two workers; the sides of a pair run at the same time.
    assert planned(Budget(wall_s=15.0, trials=500), terms=terms).purse.raised == {
        "wall_s": pytest.approx((5 + 16 * 10 + 10 * 5) / 0.9)
    }
    spent = replace(THREE, is_recorded=True, spend=Spend(trials=30))
    assert planned(Budget(trials=50), spent, terms).purse.raised == {"trials": 73}


def test_a_larger_budget_for_more_pairs() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=1.5))
    found = planned(Budget(trials=60), terms=terms)
    assert found.reach is not None
    assert found.reach.patience is not None
    n_pairs = found.reach.patience.max_pairs
    assert found.purse.raised == {"trials": pytest.approx((1 + 2 * n_pairs + 10) / 0.9)}


def test_no_exam_has_more_to_gain_than_all_of_its_items() -> None:
    terms = replace(TERMS, primary=replace(LOSS, smallest_effect=0.05), judged=Judged.ARTIFACT)
    trials = [trial(v, items=(0.0, 1.0)) for v in (0.0, 0.5, 1.0)]
    reach = plan(pilot(*trials), terms).reach
    assert reach is not None
    assert max(one.gain for one in reach.chances) <= 1.0
    assert reach.detectable_range is None  # sigma does not matter
