"""A study in one line."""

import json
import math
from dataclasses import asdict, dataclass

from filial.core import Arm, Decision, History, Metric, Spend
from filial.reports import readings
from filial.reports.trust import Trust, record_of


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCounts:
    """Candidates by their latest verdict."""

    promote: int = 0
    reject: int = 0
    undecided: int = 0
    void: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCounts:
    """Candidates of one arm.

    Attributes:
        run: How many have a verdict.
        promoted: How many of them ever got PROMOTE.
    """

    run: int = 0
    promoted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """The primary metric, in its unit.

    Attributes:
        baseline: Mean of F0's values over its trials on the dev and confirm splits; None before
            the first one.
        incumbent: Baseline improved by the shrunken gains of all promotions along the lineage,
            within the metric's range: what verdicts claim.
        lower: Lower end of the 95 % interval of ``incumbent``: the promotions' intervals combined
            by root-sum-square around the summed gain. Without a promotion, the t interval of the
            baseline; None if that has fewer than two trials.
        upper: Upper end.

    What this does not cover: the baseline's own uncertainty once there is a promotion (the
    interval is the gain's), and gains that depend on each other. Audits measure the sum.
    """

    baseline: float | None = None
    incumbent: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of a study so far.

    Attributes:
        generation: Number of the incumbent; None before F0.
        candidates: Trees under judgement besides F0, of all arms; refused proposals made none.
        verdicts: Treatment and placebo candidates by their latest verdict.
        placebos: The placebo arm.
        canaries: Known cheats.
        control: The control arm.
        incumbent: Id of the incumbent's tree; None before F0.
        metric: The primary metric.
        spend: What the study consumed.
    """

    generation: int | None
    candidates: int
    verdicts: VerdictCounts
    placebos: ArmCounts
    canaries: ArmCounts
    control: ArmCounts
    incumbent: str | None
    metric: Standings
    spend: Spend


def summarise(history: History, primary: Metric) -> Summary:
    """Returns the summary of a history whose verdicts are about ``primary``."""
    counts = dict.fromkeys(Decision, 0)
    for arm, decision in readings.latest_decisions(history).values():
        counts[decision] += arm in {Arm.TREATMENT, Arm.PLACEBO}
    incumbent = history.incumbent if history.generations else None
    return Summary(
        generation=incumbent.number if incumbent else None,
        candidates=sum(s.candidate.index >= 0 for s in history.standings.values()),
        verdicts=VerdictCounts(**{d.value.lower(): n for d, n in counts.items()}),
        placebos=_arm(history, Arm.PLACEBO),
        canaries=_arm(history, Arm.CANARY),
        control=_arm(history, Arm.CONTROL),
        incumbent=incumbent.candidate if incumbent else None,
        metric=_metric(history, primary),
        spend=history.spend,
    )


def as_json(summary: Summary, trust: Trust | None = None) -> str:
    """Returns the summary as one line of JSON: unknown or infinite is null, seconds to 1 ms.

    The control arm is not in it; it is in the report.

    Args:
        summary: The summary.
        trust: Goes under ``"trust"``; None leaves that out.
    """
    record = asdict(summary)
    del record["control"]
    del record["spend"]["gpu_s"]
    record["spend"] = {k: round(v, 3) for k, v in record["spend"].items()}
    record["metric"] = {
        k: v if v is not None and math.isfinite(v) else None for k, v in record["metric"].items()
    }
    if trust is not None:
        record["trust"] = record_of(trust)
    return json.dumps(record, allow_nan=False)


def _arm(history: History, arm: Arm) -> ArmCounts:
    run, promoted = readings.run_and_promoted(history, arm)
    return ArmCounts(run=run, promoted=promoted)


def _metric(history: History, primary: Metric) -> Standings:
    taken = readings.steps(history, primary)
    if not taken:
        return Standings()
    last = taken[-1]
    return Standings(
        baseline=taken[0].value, incumbent=last.value, lower=last.lower, upper=last.upper
    )
