"""What a history says, worked out once for every way of showing it."""

import math
from collections import Counter
from dataclasses import dataclass

from filial.core import (
    Arm,
    Candidate,
    Decision,
    Failure,
    Generation,
    History,
    Metric,
    Spend,
    Split,
    Standing,
    Trial,
    Verdict,
)
from filial.reports.numbers import Scale, decimals

_ID = 12  # characters of the challenger's id in the label of a confirmation trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One generation and where it stands against F0.

    Attributes:
        generation: The generation.
        candidate: Its candidate.
        verdict: The verdict that promoted it; None for F0.
        value: The metric as claimed: F0's mean plus or minus the gains up to here, within the
            metric's range; None without trials of F0.
        lower: Lower end of its 95 % interval, in the metric's unit.
        upper: Upper end.
        gain: Sum of the estimated gains up to here, as far as the metric's range allows; positive
            is better.
        gain_lower: Lower end of its 95 % interval.
        gain_upper: Upper end.
        claimed: The sum as it is, beyond the metric's range, too: what audits are held against.
    """

    generation: Generation
    candidate: Candidate
    verdict: Verdict | None
    value: float | None
    lower: float | None
    upper: float | None
    gain: float
    gain_lower: float
    gain_upper: float
    claimed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate other than F0.

    Attributes:
        candidate: The candidate.
        verdict: The latest verdict about it.
        failure: Its first failed trial's reason.
        generation: Its number if it was promoted.
        dev_value: The metric on the screening seed.
        dev_gain: Gain of that value over the tree it was screened against.
        spend: What it caused: its own trials and the incumbent's half of its confirmation.
        screened_at: Study's consumption in trials and CPU-seconds when it was screened.
        judged_at: The same when its latest verdict was reached.
    """

    candidate: Candidate
    verdict: Verdict | None
    failure: Failure | None
    generation: int | None
    dev_value: float | None
    dev_gain: float | None
    spend: Spend
    screened_at: Spend
    judged_at: Spend


def scale(history: History, primary: Metric) -> Scale:
    """Returns the digits worth showing: set by the smallest effect, else by the A/A noise."""
    step = primary.smallest_effect or (history.noise.sigma if history.noise else 0.0)
    return Scale(unit=primary.unit, decimals=decimals(step))


def baseline_values(history: History, primary: Metric) -> tuple[float, ...]:
    """Returns F0's values of the primary metric in all its trials outside the sealed split."""
    if not history.generations:
        return ()
    trials = history.standings[history.generations[0].candidate].trials.values()
    return tuple(
        value
        for trial in trials
        if trial.spec.split is not Split.SEALED and (value := value_of(trial, primary)) is not None
    )


def value_of(trial: Trial | None, primary: Metric) -> float | None:
    """Returns the trial's value of the primary metric, None if it has none that is usable."""
    if trial is None:
        return None
    found = (m.value for m in trial.measurements if m.metric == primary.name and m.is_usable)
    return next(found, None)


def t_interval(values: tuple[float, ...]) -> tuple[float, float] | None:
    """Returns the 95 % t interval of the mean of ``values``; None if there are fewer than two."""
    if len(values) < 2:
        return None
    from filial.stats import mean_interval  # noqa: PLC0415 - numpy is slow to import

    return mean_interval(values)


def steps(history: History, primary: Metric) -> tuple[Step, ...]:
    """Returns every sound generation in order with its place against F0.

    The gain of F*k* over F0 is the sum of the shrunken gains of the verdicts that promoted
    F1 … F*k*. The distances from estimate to interval end add up by root-sum-square on either
    side, as those of independent estimates do, so one promotion shows its verdict's own interval.
    F0's interval is the t interval of its mean; that uncertainty is not part of the later
    intervals, which are about the gain. A promotion without a comparison, or one that an
    incident says did not hold up, adds nothing. All this is what verdicts claim; what came of it
    audits measure.
    """
    values = baseline_values(history, primary)
    baseline = math.fsum(values) / len(values) if values else None
    promoting = _promoting(history)
    doubted = {incident.candidate for incident in history.incidents}
    gain = down = up = 0.0
    taken = []
    for generation in history.sound_generations or history.generations[:1]:
        verdict = promoting.get(generation.candidate) if generation.number else None
        is_doubted = generation.candidate in doubted
        if verdict is not None and verdict.comparison is not None and not is_doubted:
            c = verdict.comparison
            gain += c.estimate
            down = math.hypot(down, c.estimate - c.lower)
            up = math.hypot(up, c.upper - c.estimate)
        low, middle, high = (_within(baseline, g, primary) for g in (gain - down, gain, gain + up))
        ends = _ends(baseline, low, high, primary)
        if gain == down == up == 0:
            ends = t_interval(values) or (None, None)
        taken.append(
            Step(
                generation=generation,
                candidate=history.standings[generation.candidate].candidate,
                verdict=verdict,
                value=None if baseline is None else _ended(baseline, middle, primary),
                lower=ends[0],
                upper=ends[1],
                gain=middle,
                gain_lower=low,
                gain_upper=high,
                claimed=gain,
            )
        )
    return tuple(taken)


def _within(baseline: float | None, gain: float, primary: Metric) -> float:
    """Returns the gain over ``baseline``, no larger and no less than the metric's range allows."""
    if baseline is None or primary.lowest <= _moved(baseline, gain, primary) <= primary.highest:
        return gain
    end = primary.highest if _moved(baseline, gain, primary) > primary.highest else primary.lowest
    return primary.gain(baseline, end)


def _promoting(history: History) -> dict[str, Verdict]:
    return {
        reached.verdict.candidate: reached.verdict
        for reached in history.verdicts
        if reached.verdict.decision is Decision.PROMOTE
    }


def _moved(baseline: float, gain: float, primary: Metric) -> float:
    return baseline + gain if primary.direction == "max" else baseline - gain


def _ended(baseline: float, gain: float, primary: Metric) -> float:
    # Rounding must not lead out of the range again.
    return min(max(_moved(baseline, gain, primary), primary.lowest), primary.highest)


def _ends(
    baseline: float | None, low_gain: float, high_gain: float, primary: Metric
) -> tuple[float | None, float | None]:
    if baseline is None:
        return None, None
    ends = sorted((_ended(baseline, low_gain, primary), _ended(baseline, high_gain, primary)))
    return ends[0], ends[1]


def rows(history: History, primary: Metric) -> tuple[Row, ...]:
    """Returns every candidate but F0, in the order of their latest verdicts, unjudged ones last.

    A history does not keep the order of single trials. Consumption at a verdict is therefore
    that of calibration plus every candidate judged before, in the order of verdicts; audits are
    not on this axis.
    """
    costs = _Costs(history)
    taken = {}
    for standing in in_order(history):
        candidate = standing.candidate
        screened, judged = costs.charge(standing)
        taken[candidate.id] = Row(
            candidate=candidate,
            verdict=standing.verdict,
            failure=next((t.failure for t in standing.trials.values() if t.failure), None),
            generation=standing.generation,
            dev_value=dev_value(standing, history, primary),
            dev_gain=dev_gain(standing, history, primary),
            spend=costs.of(candidate.id),
            screened_at=screened,
            judged_at=judged,
        )
    return tuple(taken.values())


def in_order(history: History) -> list[Standing]:
    """Returns all candidates but F0 in the order of their latest verdicts, unjudged ones last."""
    last = {r.verdict.candidate: i for i, r in enumerate(history.verdicts)}
    candidates = [s for s in history.standings.values() if s.candidate.index >= 0]
    end = len(history.verdicts)
    return sorted(candidates, key=lambda s: (last.get(s.candidate.id, end), s.candidate.index))


class _Costs:
    """What each candidate caused, and the running total."""

    def __init__(self, history: History) -> None:
        self._screening: dict[str, Spend] = {}
        self._confirming: dict[str, Spend] = {}
        self._total = Spend()
        for standing in history.standings.values():
            for label, trial in standing.trials.items():
                self._add(standing, label.split("/"), trial.spend + Spend(trials=1))

    def _add(self, standing: Standing, label: list[str], spend: Spend) -> None:
        match label:
            case ["confirm" | "replicate", challenger, *_]:
                self._confirming[challenger] = self._confirming.get(challenger, Spend()) + spend
            case ["dev" | "calibrate", *_] if standing.candidate.index < 0:
                self._total += spend
            case ["dev", *_]:
                key = standing.candidate.id[:_ID]
                self._screening[key] = self._screening.get(key, Spend()) + spend
            case _:
                pass

    def of(self, candidate: str) -> Spend:
        key = candidate[:_ID]
        return self._screening.get(key, Spend()) + self._confirming.get(key, Spend())

    def charge(self, standing: Standing) -> tuple[Spend, Spend]:
        """Adds the candidate's costs to the total; returns it after screening and at the end."""
        key = standing.candidate.id[:_ID]
        screened = self._total + self._screening.get(key, Spend())
        self._total = screened + self._confirming.get(key, Spend())
        return screened, self._total


def own_trials(standing: Standing) -> dict[str, Trial]:
    """Returns the candidate's trials by label without those in which others challenged it."""
    key = standing.candidate.id[:_ID]
    return {
        label: trial
        for label, trial in standing.trials.items()
        if not label.startswith("confirm/") or label.split("/")[1] == key
    }


def dev_value(standing: Standing, history: History, primary: Metric) -> float | None:
    """Returns the candidate's value on the seed of its screening, None if it has none."""
    return _dev_value(standing, history.screen_seed(_faced(standing)), primary)


def _faced(standing: Standing) -> str:
    """Returns the id of what a candidate was screened against; F0 stands for itself."""
    faced = standing.verdict.incumbent if standing.verdict else standing.candidate.parent
    return faced or standing.candidate.id


def _dev_value(standing: Standing, k: int, primary: Metric) -> float | None:
    trial = standing.trials.get(f"dev/{k}") or standing.trials.get(f"calibrate/{k}")
    return value_of(trial, primary)


def dev_gain(standing: Standing, history: History, primary: Metric) -> float | None:
    """Returns the gain on the screening seed over what it faced, or its parent if unjudged."""
    return dev_gain_over(_faced(standing), standing, history, primary)


def dev_gain_over(
    faced: str, standing: Standing, history: History, primary: Metric
) -> float | None:
    """Returns the gain on the screening seed over the tree with the id ``faced``."""
    k, other = history.screen_seed(faced), history.standings.get(faced)
    before = _dev_value(other, k, primary) if other else None
    after = _dev_value(standing, k, primary)
    return None if before is None or after is None else primary.gain(before, after)


def latest_decisions(history: History) -> dict[str, tuple[Arm, Decision]]:
    """Returns the latest decision about each judged candidate, with its arm."""
    return {r.verdict.candidate: (r.arm, r.verdict.decision) for r in history.verdicts}


def run_and_promoted(history: History, arm: Arm) -> tuple[int, int]:
    """Returns how many candidates of an arm were judged, and how many ever got PROMOTE."""
    judged = {r.verdict.candidate for r in history.verdicts if r.arm is arm}
    promoted = {
        r.verdict.candidate
        for r in history.verdicts
        if r.arm is arm and r.verdict.decision is Decision.PROMOTE
    }
    return len(judged), len(promoted)


def start(history: History, primary: Metric) -> float | None:
    """Returns F0's value on its dev seed; None without one."""
    if not history.generations:
        return None
    return dev_value(history.standings[history.generations[0].candidate], history, primary)


def failures(history: History) -> list[tuple[str, int, int]]:
    """Returns ``(kind, refused proposals, failed trials)``, the most frequent kind first."""
    refused = Counter(str(p.failure.kind) for p in history.refusals if p.failure)
    failed = Counter(
        str(trial.failure.kind)
        for standing in history.standings.values()
        for trial in standing.trials.values()
        if trial.failure
    )
    kinds = sorted(refused | failed, key=lambda k: (-refused[k] - failed[k], k))
    return [(kind, refused[kind], failed[kind]) for kind in kinds]


def state(history: History) -> str:
    """Returns whether the study runs, and why not; the text may quote foreign words."""
    if not history.level and history.stopped is None:
        return "not started"
    runs = [reason for reason in history.endings if not _is_comparison(reason)]
    if history.stopped is None or not _is_comparison(history.stopped):
        return _ended_by(history.stopped)
    before = _ended_by(runs[-1]) if runs else "not started"
    return f"{before}; since then it {history.stopped}"


def _ended_by(reason: str | None) -> str:
    return "running, or cut off" if reason is None else ending(reason)


def _is_comparison(reason: str | None) -> bool:
    return reason is not None and reason.startswith(("compared ", "could not compare "))


def ending(reason: str) -> str:
    """Returns why a run ended, as the record has it, in words that say that it has."""
    return reason if reason.startswith("stopped") else f"stopped: {reason}"


def levels(history: History) -> list[str]:
    """Returns the isolation levels that trials ran at, weakest first."""
    found = {t.level for s in history.standings.values() for t in s.trials.values()}
    return sorted(found or {history.level} - {""})


def claimed_gain(before: int, after: int, taken: tuple[Step, ...]) -> float | None:
    """Returns the sum of estimated gains from generation ``before`` to ``after``."""
    gains = {step.generation.number: step.claimed for step in taken}
    return gains[after] - gains[before] if before in gains and after in gains else None
