"""Treatment against control: what either arm found for the same money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from filial.core import Arm, Decision, History, Metric, Standing
from filial.reports import readings
from filial.reports.numbers import Scale, count, duration
from filial.reports.words import one_line

_ARMS = (Arm.TREATMENT, Arm.CONTROL)
_ID = 12  # characters of the challenger's id in the label of a confirmation trial
_FREE = (0, 0.0)
_UNITS = (
    ("CPU-hours", 3600.0, 2 * 3600.0),
    ("CPU-minutes", 60.0, 120.0),
    ("CPU-seconds", 1.0, 0.0),
)

Line = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """Treatment against control at equal cost.

    Attributes:
        lines: Of either arm, its cost and best dev value so far, as they changed.
        unit: What the cost is counted in: ``"trials"``, ``"CPU-seconds"``, ``"CPU-minutes"`` or
            ``"CPU-hours"``, by its size.
        cost: The smaller arm's cost in that unit, where both lines end.
        spend: The same for people.
        best: Best dev value of each arm at that cost.
        lead: How much better the treatment arm's is; positive is better.
        within: Ids of each arm's candidates that this cost paid for.
        spent: What each arm cost in all, in that unit.
    """

    lines: Mapping[Arm, Line]
    unit: str
    cost: float
    spend: str
    best: Mapping[Arm, float]
    lead: float
    within: Mapping[Arm, frozenset[str]]
    spent: Mapping[Arm, float]


def race(history: History, primary: Metric) -> Race | None:
    """Returns the best dev value so far of treatment and control; None if either has none.

    Both lines start at F0's value on its dev seed and end where the smaller arm's money ends.
    What a candidate caused counts as its arm's cost, the incumbent's half of a confirmation
    included. Values from trials that broke the rules do not count.
    """
    costs, in_order = _costs(history), readings.in_order(history)
    spent = {arm: [s for s in in_order if s.candidate.arm is arm] for arm in _ARMS}
    metered = all(any(costs.get(_key(s), _FREE)[1] > 0 for s in spent[arm]) for arm in _ARMS)
    lines = {
        arm: _best_so_far(
            [(_cost(costs, s, metered=metered), _value(s, history, primary)) for s in spent[arm]],
            readings.start(history, primary),
            primary,
        )
        for arm in _ARMS
    }
    if any(len(line) < 2 for line in lines.values()):
        return None
    cost = min(line[-1][0] for line in lines.values())
    kept = {arm: tuple(p for p in line if p[0] <= cost) for arm, line in lines.items()}
    if not all(kept.values()) or cost == 0:
        return None
    best = {arm: points[-1][1] for arm, points in kept.items()}
    unit, size = _unit(cost) if metered else ("trials", 1.0)
    return Race(
        lines={arm: tuple((x / size, y) for x, y in line) for arm, line in kept.items()},
        unit=unit,
        cost=cost / size,
        spend=f"{duration(cost)} CPU" if metered else f"{count(cost)} trials",
        best=best,
        lead=primary.gain(best[Arm.CONTROL], best[Arm.TREATMENT]),
        within={arm: _paid(spent[arm], costs, cost, metered=metered) for arm in _ARMS},
        spent={arm: line[-1][0] / size for arm, line in lines.items()},
    )


def _unit(cpu_s: float) -> tuple[str, float]:
    """Returns a unit in which a CPU time is a number of ordinary size, and its seconds."""
    return next((name, size) for name, size, least in _UNITS if cpu_s >= least)


def _paid(
    spent: Sequence[Standing],
    costs: Mapping[str, tuple[int, float]],
    cost: float,
    *,
    metered: bool,
) -> frozenset[str]:
    """Returns the ids of the first candidates, as many as ``cost`` paid for."""
    totals = accumulate(_cost(costs, standing, metered=metered) for standing in spent)
    return frozenset(
        s.candidate.id for s, total in zip(spent, totals, strict=True) if total <= cost
    )


def _costs(history: History) -> dict[str, tuple[int, float]]:
    """Returns trials and CPU-seconds that each candidate caused, by the beginning of its id."""
    costs: dict[str, tuple[int, float]] = {}
    for standing in history.standings.values():
        for label, trial in standing.trials.items():
            key = _payer(label, standing)
            n, cpu_s = costs.get(key, _FREE)
            costs[key] = (n + 1, cpu_s + trial.spend.cpu_s)
    return costs


def _payer(label: str, standing: Standing) -> str:
    """Returns who pays for a trial; nobody of either arm for F0's own and for audits."""
    kind, _, rest = label.partition("/")
    if kind in ("confirm", "replicate"):
        return rest.partition("/")[0]
    return _key(standing) if kind == "dev" and standing.candidate.index >= 0 else ""


def _key(standing: Standing) -> str:
    return standing.candidate.id[:_ID]


def _cost(costs: Mapping[str, tuple[int, float]], standing: Standing, *, metered: bool) -> float:
    n, cpu_s = costs.get(_key(standing), _FREE)
    return cpu_s if metered else float(n)


def _value(standing: Standing, history: History, primary: Metric) -> float | None:
    verdict = standing.verdict
    if verdict is not None and verdict.decision is Decision.VOID:
        return None
    return readings.dev_value(standing, history, primary)


def _best_so_far(
    found: list[tuple[float, float | None]], start: float | None, primary: Metric
) -> list[tuple[float, float]]:
    cost, best = 0.0, start
    points = [] if start is None else [(0.0, start)]
    for price, value in found:
        cost += price
        if value is not None and (best is None or primary.gain(best, value) > 0):
            best = value
        if best is not None:
            points.append((cost, best))
    return points


def race_text(taken: Race | None, primary: Metric, scale: Scale) -> str:
    """Returns what the two arms found at equal cost, as sentences."""
    if taken is None:
        return "One of the two arms has no result yet, so there is nothing to compare."
    treatment, control = taken.best[Arm.TREATMENT], taken.best[Arm.CONTROL]
    best = f"best dev value {scale.value(treatment)} against {scale.value(control)}"
    return (
        f"Both lines end at {taken.spend}, where the smaller arm's spend ends: "
        f"{scale.with_unit(best)} in the control arm. Each is the best of many single "
        f"measurements of {one_line(primary.name)}, so both flatter, "
        "the more the more candidates an arm had; no verdict rests on them."
    )
