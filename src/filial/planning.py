"""What a study can find out with its noise, its gate and its budget, before it spends anything."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from filial.core import Judged, Metric, Noise, Trial
from filial.forecast import Forecast
from filial.gates import Rule, evidence
from filial.gates.prospect import fewest_pairs
from filial.purse import (
    Costs,
    Declared,
    Expected,
    Pilot,
    Purse,
    costs_of,
    pairs_affordable,
    purse_of,
)
from filial.reach import Reach, reach_of

_N_VERIFIED = 2  # pairs of a construction


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer of ``filial plan``.

    Attributes:
        metric: Name of the metric to improve.
        unit: Its unit.
        judged: What verdicts are about.
        value: Mean of it over the A/A trials.
        room: The most that there is to gain, in that unit; None if nobody knows.
        smallest_effect: The smallest gain worth having, as declared; 0 if none is.
        noise: A/A spread of a paired difference; a sigma of 0 is no spread, or an unknown one.
        n_trials: A/A trials behind it.
        n_failed: Those of them that failed.
        is_recorded: Whether they are the study's own calibration.
        workers: Trials at a time.
        threshold: Evidence that the next confirmation needs; 1 for exact verification.
        max_pairs: Pairs after which the gate parks a challenger.
        screen_sigmas: Gain on the dev pair below which the screen rejects, in sigma.
        n_affordable: Pairs on the first challenger that the budget pays for; None without one.
        n_refused: Proposals of the study so far that had no trial.
        n_proposals: All of its proposals; 0 if there are too few to go by.
        costs: What a trial costs.
        purse: What the budget pays for.
        reach: Which gains can be told from noise; None if nothing varied.
        n_steady: Pairs that prove a gain that never varies; None if ``max_pairs`` cannot.
    """

    metric: str
    unit: str
    judged: Judged
    value: float
    room: float | None
    smallest_effect: float
    noise: Noise
    n_trials: int
    n_failed: int
    is_recorded: bool
    workers: int
    threshold: float
    max_pairs: int
    screen_sigmas: float
    n_affordable: int | None
    n_refused: int
    n_proposals: int
    costs: Costs
    purse: Purse
    reach: Reach | None
    n_steady: int | None


def plan(pilot: Pilot, terms: Declared) -> Plan:
    """Returns what to expect of a study, from A/A trials of its initial code.

    What this does not cover: noise that is not normal, candidates that cost more than the initial
    code, proposers that take long or charge money, rungs before the full dev trial. And
    duplicates, as long as the study has made fewer than twenty proposals: before that all are
    taken to have a trial.
    """
    values = pilot.values(terms.primary)
    value = math.fsum(values) / len(values)
    costs = costs_of(pilot, terms.workers)
    n_affordable = pairs_affordable(pilot, terms, costs)
    forecast = _forecast(pilot, terms, _within(terms.rule, n_affordable))
    reach, n_pairs = None, terms.rule.max_pairs
    if forecast is not None:
        reach = reach_of(forecast, pilot.noise, n_pairs, terms.survivors)
    if reach is not None and reach.patience is not None:
        n_pairs = reach.patience.max_pairs
    elif terms.judged is Judged.CONSTRUCTION:
        n_pairs = _N_VERIFIED
    expected, record = _expected(pilot, terms, reach), pilot.record
    return Plan(
        metric=terms.primary.name,
        unit=terms.primary.unit,
        judged=terms.judged,
        value=value,
        room=_room(terms.primary, value),
        smallest_effect=terms.primary.smallest_effect,
        noise=pilot.noise,
        n_trials=len(pilot.trials),
        n_failed=len(pilot.trials) - len(values),
        is_recorded=pilot.is_recorded,
        workers=terms.workers,
        threshold=1 / pilot.alpha if pilot.alpha else 1.0,
        max_pairs=terms.rule.max_pairs,
        screen_sigmas=terms.rule.screen_sigmas,
        n_affordable=n_affordable,
        n_refused=record.n_proposals - record.n_tried if record.is_telling else 0,
        n_proposals=record.n_proposals if record.is_telling else 0,
        costs=costs,
        purse=purse_of(pilot, terms, costs, expected, n_pairs),
        reach=reach,
        n_steady=_n_steady(pilot, terms),
    )


def _room(metric: Metric, value: float) -> float | None:
    best = metric.highest if metric.direction == "max" else metric.lowest
    return metric.gain(value, best) if math.isfinite(best) else None


def _within(rule: Rule, n_affordable: int | None) -> Rule:
    """Returns the rule with no more pairs than the budget pays for."""
    if n_affordable is None:
        return rule
    return replace(rule, max_pairs=max(rule.min_pairs, min(rule.max_pairs, n_affordable)))


def _forecast(pilot: Pilot, terms: Declared, rule: Rule) -> Forecast | None:
    """Returns what simulates the gate; None where nothing is left to chance."""
    if terms.judged is Judged.CONSTRUCTION or not evidence.is_known(pilot.noise):
        return None
    return Forecast(
        rule=rule,
        judged=terms.judged,
        sigma=pilot.noise.sigma,
        n_values=pilot.noise.n_values if pilot.is_recorded else terms.n_calibration,
        alpha=pilot.alpha,
        smallest=terms.primary.smallest_effect,
        n_items=_n_counted(pilot.trials, terms),
    )


def _n_counted(trials: Sequence[Trial], terms: Declared) -> int:
    """Returns how many items there are, if the gate will count those passed and failed."""
    if terms.judged is not Judged.ARTIFACT:
        return 0
    items = next(trial[terms.primary.name].items for trial in trials if trial.is_usable)
    return len(items) if set(items) <= {0.0, 1.0} else 0


def _n_steady(pilot: Pilot, terms: Declared) -> int | None:
    """Returns how many equal gains are enough; None if ever more, or if they prove nothing."""
    if pilot.alpha == 0:
        return None
    return fewest_pairs(terms.judged, terms.rule, pilot.alpha, terms.rule.max_pairs)


def _expected(pilot: Pilot, terms: Declared, reach: Reach | None) -> Expected:
    """Returns how far candidates get: what is likely, or what is known once some were tried."""
    likely, record = _likely(pilot, terms, reach), pilot.record
    if not record.is_telling:
        return likely
    return replace(
        likely,
        tried=record.n_tried / record.n_proposals,
        treatment=record.n_treatment / record.n_tried,
        confirmed=record.n_confirmed / record.n_tried,
        pairs=record.n_pairs / record.n_confirmed if record.n_confirmed else likely.pairs,
    )


def _likely(pilot: Pilot, terms: Declared, reach: Reach | None) -> Expected:
    if reach is not None:
        null = reach.at(0.0)
        found = None if reach.detectable is None else reach.at(reach.detectable).pairs
        confirmed, pairs, gain_pairs = null.passes, null.pairs, found
    elif terms.judged is Judged.CONSTRUCTION:
        confirmed, pairs, gain_pairs = 0.0, 1.0, float(_N_VERIFIED)
    else:  # Nothing varies: of those without gain only the spared get past the screen.
        n_steady = _n_steady(pilot, terms)
        confirmed, pairs = terms.survivors, float(terms.rule.min_pairs)
        gain_pairs = None if n_steady is None else float(n_steady)
    return Expected(
        tried=1.0,
        treatment=terms.treatment,
        confirmed=confirmed,
        pairs=pairs,
        gain_pairs=gain_pairs,
    )
