"""What a study can find out with its noise, its gate and its budget, before it spends anything."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from filial import stats
from filial.core import Judged, Metric, Noise, Trial
from filial.forecast import POWER, Chances, Forecast
from filial.gates import Rule, evidence
from filial.purse import Costs, Expected, Pilot, Purse, Terms, costs_of, pairs_affordable, purse_of

HABIT = 3
"""Seeds a side that are usual elsewhere."""
HABIT_LEVEL = 0.05

_N_VERIFIED = 2  # pairs of a construction
_ROWS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)  # of the smallest gain that is found
_BLIND_ROWS = (0.0, 1.0, 2.0, 4.0)  # sigmas, where none is


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which gains can be told from noise.

    Attributes:
        sigma_range: 95 % interval of the spread of a paired difference, in the metric's unit.
        n_items: Items of an exam, where each is passed or failed and so counted; else 0.
        chances: What true gains can hope for, by size.
        detectable: Smallest gain that is promoted with a chance of 80 % once past the screen, on
            as many pairs as gate and budget allow; None if there is none.
        unhurried: The same if the budget were no limit; None if it is none, or if there is none.
        is_in_reach: Whether the declared smallest effect is proven with that chance; None if none
            is declared.
        pairs_needed: Pairs that prove it with that chance; None if that takes more than 100, or
            none is declared.
        habit: Gain that a t-test of three paired seeds finds with that chance, at 5 %.
    """

    sigma_range: tuple[float, float]
    n_items: int
    chances: tuple[Chances, ...]
    detectable: float | None
    unhurried: float | None
    is_in_reach: bool | None
    pairs_needed: int | None
    habit: float


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
        n_affordable: Pairs on the first challenger that the budget pays for; None without one.
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
    n_affordable: int | None
    costs: Costs
    purse: Purse
    reach: Reach | None
    n_steady: int | None


def plan(pilot: Pilot, terms: Terms) -> Plan:
    """Returns what to expect of a study, from A/A trials of its initial code.

    What this does not cover: noise that is not normal, candidates that cost more than the initial
    code, proposers that take long or charge money, rungs before the full dev trial.
    """
    values = pilot.values(terms.primary)
    value = math.fsum(values) / len(values)
    costs = costs_of(pilot, terms.workers)
    n_affordable = pairs_affordable(pilot, terms, costs)
    forecast = _forecast(pilot, terms, _within(terms.rule, n_affordable))
    reach = None if forecast is None else _reach(forecast, pilot.noise, terms.rule)
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
        n_affordable=n_affordable,
        costs=costs,
        purse=purse_of(pilot, terms, costs, _expected(pilot, terms, reach)),
        reach=reach,
        n_steady=_n_steady(terms.rule, pilot.alpha),
    )


def _room(metric: Metric, value: float) -> float | None:
    best = metric.highest if metric.direction == "max" else metric.lowest
    return metric.gain(value, best) if math.isfinite(best) else None


def _within(rule: Rule, n_affordable: int | None) -> Rule:
    """Returns the rule with no more pairs than the budget pays for."""
    if n_affordable is None:
        return rule
    return replace(rule, max_pairs=max(rule.min_pairs, min(rule.max_pairs, n_affordable)))


def _forecast(pilot: Pilot, terms: Terms, rule: Rule) -> Forecast | None:
    """Returns what simulates the gate; None where nothing is left to chance."""
    if _is_exact(terms) or not evidence.is_known(pilot.noise):
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


def _n_counted(trials: Sequence[Trial], terms: Terms) -> int:
    """Returns how many items there are, if the gate will count those passed and failed."""
    if terms.judged is not Judged.ARTIFACT:
        return 0
    items = next(trial[terms.primary.name].items for trial in trials if trial.is_usable)
    return len(items) if set(items) <= {0.0, 1.0} else 0


def _reach(forecast: Forecast, noise: Noise, rule: Rule) -> Reach:
    smallest, detectable = forecast.smallest, forecast.detectable
    unit, steps = (forecast.sigma, _BLIND_ROWS) if detectable is None else (detectable, _ROWS)
    most = 1.0 if forecast.n_items else math.inf
    gains = {unit * step for step in steps if unit * step <= most}
    gains |= {smallest} if smallest else set()
    chances = {gain: forecast.chances(gain) for gain in sorted(gains)}
    is_in_reach = chances[smallest].proven >= POWER if smallest else None
    in_sigmas = stats.minimum_detectable_effect(
        HABIT, alpha=HABIT_LEVEL, power=POWER, dof=HABIT - 1
    )
    return Reach(
        sigma_range=_sigma_range(noise),
        n_items=forecast.n_items,
        chances=tuple(chances.values()),
        detectable=detectable,
        unhurried=None if forecast.rule == rule else replace(forecast, rule=rule).detectable,
        is_in_reach=is_in_reach,
        pairs_needed=forecast.pairs_needed(smallest) if smallest else None,
        habit=in_sigmas * forecast.sigma,
    )


def _sigma_range(noise: Noise) -> tuple[float, float]:
    """Returns the 95 % interval of sigma; chi-square, so for normal noise."""
    from scipy.special import chdtri  # noqa: PLC0415 - scipy loads when asked

    dof = noise.n_values - 1
    low, high = (noise.sigma * math.sqrt(dof / chdtri(dof, at)) for at in (0.025, 0.975))
    return low, high


def _n_steady(rule: Rule, alpha: float) -> int | None:
    """Returns how many equal gains are enough without any calibration; None if ever more."""
    if alpha == 0:
        return None
    for n in range(rule.min_pairs, rule.max_pairs + 1):
        log_e = evidence.log_evidence([0.0] * n, [1.0] * n, evidence.UNKNOWN, rule)
        if log_e >= -math.log(alpha):
            return n
    return None


def _is_exact(terms: Terms) -> bool:
    return terms.judged is Judged.CONSTRUCTION


def _expected(pilot: Pilot, terms: Terms, reach: Reach | None) -> Expected:
    if reach is not None:
        null = reach.chances[0]
        found = (one.pairs for one in reach.chances if one.gain == reach.detectable)
        return Expected(
            null_share=null.passes, null_pairs=null.pairs, gain_pairs=next(found, None)
        )
    # Nothing varies: of those without gain only the spared get past the screen.
    if _is_exact(terms):
        return Expected(null_share=0.0, null_pairs=1.0, gain_pairs=_N_VERIFIED)
    n_steady = _n_steady(terms.rule, pilot.alpha)
    return Expected(null_share=0.0, null_pairs=terms.rule.min_pairs, gain_pairs=n_steady)
