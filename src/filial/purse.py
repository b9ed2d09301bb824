"""What a study's budget pays for."""

import statistics
from dataclasses import asdict, dataclass

from filial.core import Budget, Judged, Metric, Noise, Spend, Trial
from filial.gates import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A/A trials of the initial code, and where the study stands.

    Attributes:
        trials: The trials in order; at least one of them is usable.
        noise: Their spread as the gate sees it.
        pace_s: Wall-clock seconds in which a worker does one more of them, all told; None if there
            were too few trials to say.
        is_recorded: Whether they are the study's calibration, from its ledger.
        spend: What the study has consumed.
        alpha: Error budget of its next confirmation; 0 if none is needed.
    """

    trials: tuple[Trial, ...]
    noise: Noise
    pace_s: float | None = None
    is_recorded: bool = False
    spend: Spend = Spend()
    alpha: float

    def values(self, metric: Metric) -> list[float]:
        """Returns the usable values of a metric, in order."""
        return [trial[metric.name].value for trial in self.trials if trial.is_usable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a study has declared.

    Attributes:
        primary: The metric to improve.
        judged: What verdicts are about.
        rule: The numbers of its gate.
        budget: Its ceilings.
        workers: Trials at a time, at least 1.
        batch: Candidates screened side by side.
        survivors: Share of the rejected that go on by lot.
        is_built: Whether candidates are built.
        n_calibration: A/A trials that its calibration will run, or has run.
        n_audit: Trials that the audit of its exam may run at most, beside the budget; 0 once done.
        n_after: Trials that follow each promotion: replication, a new screen, audits.
    """

    primary: Metric
    judged: Judged
    rule: Rule
    budget: Budget
    workers: int
    batch: int
    survivors: float
    is_built: bool
    n_calibration: int
    n_audit: int
    n_after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What one trial costs.

    Attributes:
        wall_s: Wall-clock seconds it keeps a worker busy, median.
        wall_range_s: Least and most inside the sandbox.
        cpu_s: CPU-seconds of the candidate, median.
        cpu_range_s: Least and most.
        trials_per_hour: At the given number of workers; None if they take no time.
    """

    wall_s: float
    wall_range_s: tuple[float, float]
    cpu_s: float
    cpu_range_s: tuple[float, float]
    trials_per_hour: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How far candidates get.

    Attributes:
        null_share: Share of those without gain that pass the screen.
        null_pairs: Mean pairs of their confirmations.
        gain_pairs: Mean pairs that confirm the smallest gain that is found; None if there is none.
    """

    null_share: float
    null_pairs: float
    gain_pairs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What is left of the budget, and what it pays for. None stands for "no ceiling".

    Candidates are taken to gain nothing, as nearly all do: each costs one dev trial, and those
    that pass the screen by chance, or are spared by lot, are confirmed.

    Attributes:
        n_trials: Trials it buys in all.
        ceiling: What limits them.
        left: What is left under that ceiling, in its unit.
        n_calibration: Those of them that calibration takes.
        n_audit: Trials of the exam's audit at most, not counted against the budget.
        n_candidates: Candidates it pays for.
        limit: What limits them.
        n_confirmed: Those of them that are confirmed by chance.
        null_pairs: Mean pairs of such a confirmation.
        gain_trials: Trials that one real gain takes, from its screen to all that follows a
            promotion; None where none can be found.
        whole_trials: Trials from calibration to a promotion that takes all pairs of the gate.
    """

    n_trials: int | None
    ceiling: str | None
    left: float | None
    n_calibration: int
    n_audit: int
    n_candidates: int | None
    limit: str | None
    n_confirmed: int | None
    null_pairs: float
    gain_trials: float | None
    whole_trials: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bill:
    """Amounts of what a budget may limit."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    trials: float = 0.0
    candidates: float = 0.0

    def plus(self, other: "_Bill", times: float = 1.0) -> "_Bill":
        return _Bill(
            wall_s=self.wall_s + times * other.wall_s,
            cpu_s=self.cpu_s + times * other.cpu_s,
            trials=self.trials + times * other.trials,
            candidates=self.candidates + times * other.candidates,
        )


def costs_of(pilot: Pilot, workers: int) -> Costs:
    """Returns what the trials of a pilot cost."""
    walls = [trial.spend.wall_s for trial in pilot.trials]
    cpus = [trial.spend.cpu_s for trial in pilot.trials]
    wall_s = max(statistics.median(walls), pilot.pace_s or 0.0)
    return Costs(
        wall_s=wall_s,
        wall_range_s=(min(walls), max(walls)),
        cpu_s=statistics.median(cpus),
        cpu_range_s=(min(cpus), max(cpus)),
        trials_per_hour=3600 * workers / wall_s if wall_s else None,
    )


def pairs_affordable(pilot: Pilot, terms: Terms, costs: Costs) -> int | None:
    """Returns how many pairs on the first challenger are paid for; None without ceilings."""
    trial = _Bill(wall_s=costs.wall_s, cpu_s=costs.cpu_s, trials=1.0)
    first = _screened(terms, costs).plus(_calibration(pilot, terms, costs))
    left = _left(terms.budget, pilot.spend, first)
    return _affordable(left, _pair(trial, terms.workers))[0]


def purse_of(pilot: Pilot, terms: Terms, costs: Costs, expected: Expected) -> Purse:
    """Returns what is left of a study's budget, and what it pays for."""
    trial = _Bill(wall_s=costs.wall_s, cpu_s=costs.cpu_s, trials=1.0)
    side_by_side = _Bill(wall_s=costs.wall_s / terms.workers, cpu_s=costs.cpu_s, trials=1.0)
    unspent = _left(terms.budget, pilot.spend, _Bill())
    n_trials, ceiling = _affordable(unspent, side_by_side)
    share = expected.null_share + terms.survivors * (1 - expected.null_share)
    each = _screened(terms, costs).plus(_pair(trial, terms.workers), share * expected.null_pairs)
    left = _left(terms.budget, pilot.spend, _calibration(pilot, terms, costs))
    n_candidates, limit = _affordable(left, each)
    pairs, n_calibration = expected.gain_pairs, 0 if pilot.is_recorded else terms.n_calibration
    return Purse(
        n_trials=n_trials,
        ceiling=ceiling,
        left=None if ceiling is None else unspent[ceiling],
        n_calibration=n_calibration,
        n_audit=terms.n_audit,
        n_candidates=n_candidates,
        limit=limit,
        n_confirmed=None if n_candidates is None else round(share * n_candidates),
        null_pairs=expected.null_pairs,
        gain_trials=None if pairs is None else 1 + 2 * pairs + terms.n_after,
        whole_trials=n_calibration + 1 + 2 * terms.rule.max_pairs + terms.n_after,
    )


def _calibration(pilot: Pilot, terms: Terms, costs: Costs) -> _Bill:
    """Returns the cost of the calibration that is still to come."""
    trial = _Bill(wall_s=costs.wall_s / terms.workers, cpu_s=costs.cpu_s, trials=1.0)
    return _Bill().plus(trial, 0.0 if pilot.is_recorded else terms.n_calibration)


def _screened(terms: Terms, costs: Costs) -> _Bill:
    """Returns the cost of one candidate's dev trial, its only one that always builds."""
    wall_s, cpu_s = costs.wall_s, costs.cpu_s
    if terms.is_built and terms.judged is not Judged.RECIPE:
        wall_s = max(wall_s, costs.wall_range_s[1])
        cpu_s = costs.cpu_range_s[1]
    at_once = min(terms.workers, terms.batch)
    return _Bill(wall_s=wall_s / at_once, cpu_s=cpu_s, trials=1.0, candidates=1.0)


def _pair(trial: _Bill, workers: int) -> _Bill:
    return _Bill(
        wall_s=trial.wall_s * (1 if workers > 1 else 2), cpu_s=2 * trial.cpu_s, trials=2.0
    )


def _left(budget: Budget, spend: Spend, bill: _Bill) -> dict[str, float]:
    """Returns what is left under each ceiling, by its name."""
    billed = asdict(bill)
    limits = {name: getattr(budget, name) for name in billed}
    return {
        name: max(0.0, limit - getattr(spend, name) - billed[name])
        for name, limit in limits.items()
        if limit is not None
    }


def _affordable(left: dict[str, float], each: _Bill) -> tuple[int | None, str | None]:
    """Returns how many of what costs ``each`` fit, and which ceiling says so."""
    prices = asdict(each)
    numbers = {name: left[name] / prices[name] for name in left if prices[name] > 0}
    if not numbers:
        return None, None
    tightest = min(numbers, key=lambda name: numbers[name])
    return int(numbers[tightest]), tightest
