"""What a study's budget pays for."""

import statistics
from dataclasses import asdict, dataclass

from filial.calibration import MAX_TRIALS, SHARE
from filial.core import Budget, Judged, Metric, Noise, Spend, Trial
from filial.gates import Rule

_TELLING = 20  # proposals that tell how the next ones will fare
_ROUNDING = 1e-9  # 60 proposals of which a share is tried are 60 proposals


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What became of a study's proposals so far.

    Attributes:
        n_proposals: Proposals of all arms.
        n_tried: Those of them that had a trial; the others were refused, mostly as duplicates.
        n_treatment: Those tried that may be promoted: no placebo, canary or control.
        n_confirmed: Those tried that were confirmed, whatever came of it.
        n_pairs: Pairs of all these confirmations.
    """

    n_proposals: int = 0
    n_tried: int = 0
    n_treatment: int = 0
    n_confirmed: int = 0
    n_pairs: int = 0

    @property
    def is_telling(self) -> bool:
        """Whether there were enough of them to expect the same of those to come."""
        return self.n_proposals >= _TELLING and self.n_tried > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A/A trials of the initial code, and where the study stands.

    Attributes:
        trials: The trials in order; at least one of them is usable.
        noise: Their spread as the gate sees it.
        pace_s: Wall-clock seconds in which a worker does one more of them, all told; None if there
            were too few trials to say.
        is_recorded: Whether they are the study's calibration, from its ledger.
        record: What became of the study's proposals.
        spend: What the study has consumed.
        alpha: Error budget of its next confirmation; 0 if none is needed.
    """

    trials: tuple[Trial, ...]
    noise: Noise
    pace_s: float | None = None
    is_recorded: bool = False
    record: Record = Record()
    spend: Spend = Spend()
    alpha: float

    def values(self, metric: Metric) -> list[float]:
        """Returns the usable values of a metric, in order."""
        return [trial[metric.name].value for trial in self.trials if trial.is_usable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a study has declared.

    Attributes:
        primary: The metric to improve.
        judged: What verdicts are about.
        rule: The numbers of its gate.
        budget: Its ceilings.
        workers: Trials at a time, at least 1.
        batch: Candidates screened side by side.
        survivors: Share of the rejected that go on by lot.
        treatment: Share of the writing that is no placebo, canary or control.
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
    treatment: float
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
        tried: Share of the proposals that have a trial, in (0, 1].
        treatment: Share of the tried that may be promoted.
        confirmed: Share of the tried that are confirmed, by chance or by lot.
        pairs: Mean pairs of their confirmations.
        gain_pairs: Mean pairs that confirm the smallest gain that is found; None if there is none.
    """

    tried: float
    treatment: float
    confirmed: float
    pairs: float
    gain_pairs: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What is left of the budget, and what it pays for. None stands for "no ceiling".

    Candidates are taken to gain nothing, as nearly all do: each costs one dev trial, and those
    that pass the screen by chance, or are spared by lot, are confirmed. Where the study has tried
    some already, the next ones are taken to fare like them.

    Attributes:
        limit: Name of the ceiling that is reached first.
        left: What is left under it, in its unit.
        n_trials: Trials until then, calibration included.
        wall_s: Wall-clock seconds until then.
        n_calibration: Those trials that calibration still takes.
        n_audit: Trials of the exam's audit at most, not counted against the budget.
        n_proposals: Proposals until then.
        n_candidates: Those of them that are tried.
        n_treatment: Those tried that may be promoted.
        n_confirmed: Those tried that are confirmed.
        pairs: Mean pairs of such a confirmation.
        gain_trials: Trials that one real gain takes, from its screen to all that follows a
            promotion; None where none can be found.
        gain_fits: Whether the budget pays for these if it comes first; None without ceilings, or
            where there is no such gain.
        raised: Ceilings, by name, that one challenger of all the pairs that are advised would
            break, and what they would have to be, in their unit.
    """

    limit: str | None
    left: float | None
    n_trials: int | None
    wall_s: float | None
    n_calibration: int
    n_audit: int
    n_proposals: int | None
    n_candidates: int | None
    n_treatment: int | None
    n_confirmed: int | None
    pairs: float
    gain_trials: float | None
    gain_fits: bool | None
    raised: dict[str, float]


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


def pairs_affordable(pilot: Pilot, terms: Declared, costs: Costs) -> int | None:
    """Returns how many pairs on the first challenger are paid for; None without ceilings."""
    first = _screened(terms, costs).plus(_calibration(pilot, terms, costs))
    left = _left(terms.budget, pilot.spend, first)
    return _affordable(left, _pair(terms, costs))[0]


def purse_of(
    pilot: Pilot, terms: Declared, costs: Costs, expected: Expected, n_pairs: int
) -> Purse:
    """Returns what is left of a study's budget, and what it pays for.

    Args:
        pilot: A/A trials, and where the study stands.
        terms: What it has declared.
        costs: What a trial costs.
        expected: How far candidates get.
        n_pairs: Pairs on one challenger that the budget should pay for.
    """
    calibration, pair = _calibration(pilot, terms, costs), _pair(terms, costs)
    tried = _screened(terms, costs).plus(pair, expected.confirmed * expected.pairs)
    tried = tried.plus(_Bill(candidates=1 / expected.tried - 1))
    unspent = _left(terms.budget, pilot.spend, _Bill())
    left = _left(terms.budget, pilot.spend, calibration)
    n_tried, limit = _affordable(left, tried)
    n_proposals = None if n_tried is None else round(n_tried / expected.tried)
    if limit == "candidates":
        n_proposals = int(left[limit])
    total = None if n_tried is None else calibration.plus(tried, n_tried)
    gain = _gain(terms, costs, expected.gain_pairs)
    return Purse(
        limit=limit,
        left=None if limit is None else unspent[limit],
        n_trials=None if total is None else round(total.trials),
        wall_s=None if total is None else total.wall_s,
        n_calibration=round(calibration.trials),
        n_audit=terms.n_audit,
        n_proposals=n_proposals,
        n_candidates=n_tried,
        n_treatment=None if n_tried is None else round(expected.treatment * n_tried),
        n_confirmed=None if n_tried is None else round(expected.confirmed * n_tried),
        pairs=expected.pairs,
        gain_trials=None if gain is None else gain.trials,
        gain_fits=None if gain is None or not left else _fits(gain, left),
        raised=_raised(pilot, terms, costs, n_pairs),
    )


def _raised(pilot: Pilot, terms: Declared, costs: Costs, n_pairs: int) -> dict[str, float]:
    """Returns the ceilings that ``n_pairs`` and a promotion would break, and what they need."""
    whole, trial = _gain(terms, costs, n_pairs), _side_by_side(terms, costs)
    needed: dict[str, float] = {}
    for name, left in _left(terms.budget, pilot.spend, _Bill()).items():
        rest = asdict(whole)[name] if whole else 0.0
        spent = getattr(pilot.spend, name)
        if not pilot.is_recorded:  # a larger budget calibrates longer, up to a limit
            rest += min(rest * SHARE / (1 - SHARE), MAX_TRIALS * asdict(trial)[name])
        if rest > left:
            needed[name] = spent + rest
    return needed


def _gain(terms: Declared, costs: Costs, n_pairs: float | None) -> _Bill | None:
    """Returns what a promotion costs, from the dev trial to all that follows it."""
    if n_pairs is None:
        return None
    bill = _screened(terms, costs).plus(_pair(terms, costs), n_pairs)
    return bill.plus(_side_by_side(terms, costs), terms.n_after)


def _side_by_side(terms: Declared, costs: Costs) -> _Bill:
    """Returns the cost of a trial while all workers are busy."""
    return _Bill(wall_s=costs.wall_s / terms.workers, cpu_s=costs.cpu_s, trials=1.0)


def _calibration(pilot: Pilot, terms: Declared, costs: Costs) -> _Bill:
    """Returns the cost of the calibration that is still to come."""
    n_trials = 0.0 if pilot.is_recorded else terms.n_calibration
    return _Bill().plus(_side_by_side(terms, costs), n_trials)


def _screened(terms: Declared, costs: Costs) -> _Bill:
    """Returns the cost of one candidate's dev trial, its only one that always builds."""
    wall_s, cpu_s = costs.wall_s, costs.cpu_s
    if terms.is_built and terms.judged is not Judged.RECIPE:
        wall_s = max(wall_s, costs.wall_range_s[1])
        cpu_s = costs.cpu_range_s[1]
    at_once = min(terms.workers, terms.batch)
    return _Bill(wall_s=wall_s / at_once, cpu_s=cpu_s, trials=1.0, candidates=1.0)


def _pair(terms: Declared, costs: Costs) -> _Bill:
    """Returns the cost of one pair, whose sides run at the same time if they can."""
    return _Bill(
        wall_s=costs.wall_s * (1 if terms.workers > 1 else 2), cpu_s=2 * costs.cpu_s, trials=2.0
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
    return int(numbers[tightest] + _ROUNDING), tightest


def _fits(bill: _Bill, left: dict[str, float]) -> bool:
    prices = asdict(bill)
    return all(prices[name] <= left[name] for name in left)
