"""Whether a study can be trusted: what it measured about itself, in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import Arm, Audited, History, Metric, Noise
from filial.reports import readings
from filial.reports.charts import Race
from filial.reports.numbers import NONE, Scale, count, share
from filial.reports.readings import Step
from filial.reports.summary import Summary
from filial.reports.words import one_line
from filial.stats.drift import MIN_VALUES, drifted

_REALISED = 0.7  # share of the claimed gain that an audit must find


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One reason to trust the study, or not.

    Attributes:
        state: ``"held"``, ``"failed"``, or ``"open"`` where there is no evidence yet.
        title: What was checked.
        text: What was found.
    """

    state: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One audit: what verdicts claimed against what fresh trials found, as text."""

    span: str
    split: str
    claimed: str
    realised: str
    ratio: str
    n: int


def checks(
    history: History,
    taken: Sequence[Step],
    summary: Summary,
    race: Race | None,
    primary: Metric,
) -> list[Check]:
    """Returns the reasons to trust the study, or not, from what its history shows."""
    scale = readings.scale(history, primary)
    promoted = [s.verdict for s in taken if s.verdict is not None]
    n_pairs = sum(len(v.comparison.differences) for v in promoted if v.comparison)
    fresh = Check(
        state="held" if promoted else "open",
        title="Fresh evidence",
        text=(
            f"{count(len(promoted))} promotions rest on {count(n_pairs)} pairs of trials with "
            "seeds drawn after the code was frozen."
            if promoted
            else "Nothing has been promoted, so there is no claim to doubt."
        ),
    )
    run, bad = summary.placebos.run, summary.placebos.promoted
    placebo = Check(
        state="open" if run == 0 else "failed" if bad else "held",
        title="Placebos",
        text=placebo_text(summary),
    )
    found = readings.levels(history)
    isolation = Check(
        state="open" if not found else "failed" if "L0" in found else "held",
        title="Isolation",
        text=f"Trials ran at level {', '.join(found)}." if found else "No trial has run yet.",
    )
    return [
        fresh,
        placebo,
        _canary_check(history, summary),
        _drift_check(history, taken, primary),
        _audit_check(history, taken, scale),
        _race_check(race, history.noise),
        isolation,
    ]


def _drift_check(history: History, taken: Sequence[Step], primary: Metric) -> Check:
    """Whether generations go on as they were when they were promoted."""
    looked = worse = 0
    names = []
    for step in taken[1:]:
        own, later = history.standings[step.generation.candidate].confirm_values(primary.name)
        looked += len(later) >= MIN_VALUES
        if drifted(own, later, primary):
            worse += 1
            names.append(f"F{step.generation.number}")
    text = "No generation has faced enough challengers to tell."
    if looked:
        text = f"{count(looked - worse)} of {count(looked)} generations hold up as incumbents."
    if names:
        text += f" {', '.join(names)} did better as challengers: look at what depends on time."
    return Check(
        state="failed" if names else "held" if looked else "open",
        title="Incumbents hold up",
        text=text,
    )


def _canary_check(history: History, summary: Summary) -> Check:
    run, bad = summary.canaries.run, summary.canaries.promoted
    text = f"{count(bad)} of {count(run)} known cheats passed for a gain."
    if history.incidents:
        opened = len(history.open_incidents)
        text += f" {count(len(history.incidents))} incidents, {count(opened)} of them open."
    is_bad = bool(bad or history.open_incidents)
    return Check(
        state="failed" if is_bad else "held" if run else "open",
        title="Canaries and tripwires",
        text=text if run or history.incidents else "No known cheat has been tried here yet.",
    )


def _audit_check(history: History, taken: Sequence[Step], scale: Scale) -> Check:
    title = "Claimed and realised gain"
    if not history.audits:
        return Check(state="open", title=title, text="No audit has compared generations yet.")
    audit = history.audits[-1]
    claimed, realised = _claimed(audit, taken), _mean(audit.differences)
    held = claimed <= 0 or realised >= _REALISED * claimed
    return Check(
        state="held" if held else "failed",
        title=title,
        text=(
            f"The last audit found {scale.gain(realised)} from F{audit.before.number} to "
            f"F{audit.after.number} on the {audit.split} split; the verdicts had claimed "
            f"{scale.gain(claimed)}."
        ),
    )


def _race_check(race: Race | None, noise: Noise | None) -> Check:
    title = "Against no intelligence"
    if race is None:
        return Check(state="open", title=title, text="The control arm has no result to compare.")
    # Best dev values are single trials: within two standard deviations nothing is shown.
    margin = 2 * noise.sigma if noise else 0.0
    text = f"At {race.cost:.3g} {race.unit} for each arm, "
    if abs(race.lead) <= margin:
        found = "the arms' best dev values differ by no more than noise."
        return Check(state="open", title=title, text=text + found)
    if race.lead > 0:
        return Check(state="held", title=title, text=text + "the treatment arm found more.")
    return Check(state="failed", title=title, text=text + "random edits of F0 found more.")


def placebo_text(summary: Summary) -> str:
    """Returns the measured false-promotion rate with its upper bound, as a sentence."""
    run, promoted = summary.placebos.run, summary.placebos.promoted
    bound = readings.false_promotion_bound(run, promoted)
    if bound is None:
        return "No no-op candidate has been judged yet: the false-promotion rate is unknown."
    return (
        f"{count(promoted)} of {count(run)} no-op candidates got PROMOTE: a measured "
        f"false-promotion rate of {share(promoted / run)}, at most {share(bound)} with 95 % "
        "confidence."
    )


def race_text(race: Race | None, primary: Metric, scale: Scale) -> str:
    """Returns what the two arms found at equal cost, as sentences."""
    if race is None:
        return "One of the two arms has no result yet, so there is nothing to compare."
    treatment, control = race.best[Arm.TREATMENT], race.best[Arm.CONTROL]
    best = f"best dev value {scale.value(treatment)} against {scale.value(control)}"
    return (
        f"Both lines end at {race.cost:.3g} {race.unit}, where the smaller arm's spend ends: "
        f"{scale.with_unit(best)} in the control arm. Each is the best of many single "
        f"measurements of {one_line(primary.name)}, so both flatter, "
        "the more the more candidates an arm had."
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _claimed(audit: Audited, taken: Sequence[Step]) -> float:
    return readings.claimed_gain(audit.before.number, audit.after.number, tuple(taken)) or 0.0


def audit_line(audit: Audited, taken: Sequence[Step], scale: Scale) -> AuditLine:
    """Returns one audit as text."""
    claimed, realised = _claimed(audit, taken), _mean(audit.differences)
    interval = scale.gain_interval(audit.lower, audit.upper)
    return AuditLine(
        span=f"F{audit.before.number} to F{audit.after.number}",
        split=one_line(audit.split),
        claimed=scale.gain(claimed),
        realised=f"{scale.gain(realised)} {interval}",
        ratio=share(realised / claimed) if claimed > 0 else NONE,
        n=len(audit.differences),
    )
