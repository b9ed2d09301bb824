"""Claimed against realised: what verdicts promised, and what fresh seeds found of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import LEAST_REALISED, Audited
from filial.reports import readings
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import NONE, Scale, count, share
from filial.reports.readings import Step
from filial.reports.words import one_line

_OVERDUE = 5  # promotions after which another audit is due


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimReading:
    """The latest audit from F0, and all audits together.

    Attributes:
        n_audits: Audits between sound generations.
        after: Number of the later generation of the latest audit from F0; None without one.
        claimed: Sum of the estimated gains up to there, in the primary metric's unit.
        realised: Mean gain that the audit found.
        lower: Lower end of its 95 % interval.
        upper: Upper end.
        n_seeds: Pairs behind it.
        ratio: Realised over claimed; None where nothing was claimed.
        total_claimed: Sum over all audits.
        total_realised: The same, with its sign.
    """

    n_audits: int = 0
    after: int | None = None
    claimed: float | None = None
    realised: float | None = None
    lower: float | None = None
    upper: float | None = None
    n_seeds: int = 0
    ratio: float | None = None
    total_claimed: float = 0.0
    total_realised: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One audit: what verdicts claimed against what fresh trials found, as text."""

    span: str
    split: str
    claimed: str
    realised: str
    ratio: str
    n: int


def read(audits: Sequence[Audited], taken: tuple[Step, ...]) -> ClaimReading:
    """Returns the latest audit from F0, and the signed sums over all audits.

    Audits of generations that incidents have made void are left out. Audits of spans that overlap
    count each, on both sides of the ratio.
    """
    pairs = [(audit, claim) for audit in audits if (claim := _claimed(audit, taken)) is not None]
    if not pairs:
        return ClaimReading()
    from_first = [pair for pair in pairs if pair[0].before.number == 0]
    audit, claim = (from_first or pairs)[-1]
    realised = _mean(audit.differences)
    return ClaimReading(
        n_audits=len(pairs),
        after=audit.after.number,
        claimed=claim,
        realised=realised,
        lower=audit.lower,
        upper=audit.upper,
        n_seeds=len(audit.differences),
        ratio=realised / claim if claim > 0 else None,
        total_claimed=math.fsum(claim for _, claim in pairs),
        total_realised=math.fsum(_mean(audit.differences) for audit, _ in pairs),
    )


def claims(subject: Subject) -> Check:
    """Returns whether the sum of claimed gains was found again on fresh seeds."""
    found = read(subject.history.audits, subject.steps)
    state, text, remedy = _judge(found, subject)
    return Check(
        key="claims",
        title="Claimed against realised",
        state=state,
        text=text,
        remedy=remedy,
        is_essential=True,
        numbers=numbers_of(found),
    )


def _judge(found: ClaimReading, subject: Subject) -> tuple[State, str, str]:
    latest = subject.steps[-1].generation.number if subject.steps else 0
    compare = f"filial compare F0 F{latest} --seeds 10"
    if latest == 0 and not found.n_audits:
        return State.OPEN, "Nothing has been promoted yet, so nothing is claimed.", ""
    if found.after is None or found.realised is None or found.claimed is None:
        text = "No audit has looked yet at what became of the claimed gains."
        return State.OPEN, text, f"Run: {compare}"
    text = _text(found, found.claimed, found.realised, subject.scale)
    is_worse = found.upper is not None and found.upper < 0
    if is_worse or (found.ratio is not None and found.ratio < LEAST_REALISED):
        remedy = f"Below {share(LEAST_REALISED)}. Trust no single gain: the run looks for the one "
        return State.FAILED, text, f"{remedy}that is none, and filial incidents names it."
    if found.lower is None or found.lower <= 0:
        return State.OPEN, f"{text} That may still be chance.", f"Run: {compare}"
    if latest - found.after >= _OVERDUE:
        return State.OPEN, f"{text} Since then F{latest} was reached.", f"Run: {compare}"
    return State.HELD, text, ""


def _text(found: ClaimReading, claimed: float, realised: float, scale: Scale) -> str:
    interval = scale.gain_interval(found.lower, found.upper)
    text = (
        f"From F0 to F{found.after} verdicts claimed {scale.with_unit(scale.gain(claimed))}; "
        f"{count(found.n_seeds)} fresh seeds found {scale.gain(realised)}, "
        f"95 % interval {interval}"
    )
    if found.ratio is not None:
        text += f": {share(found.ratio)} of the claim"
    if found.n_audits > 1 and found.total_claimed > 0:
        total = share(found.total_realised / found.total_claimed)
        text += f", and {total} over all {count(found.n_audits)} audits"
    return text + "."


def audit_line(audit: Audited, taken: tuple[Step, ...], scale: Scale) -> AuditLine:
    """Returns one audit as text."""
    claimed, realised = _claimed(audit, taken), _mean(audit.differences)
    interval = scale.gain_interval(audit.lower, audit.upper)
    return AuditLine(
        span=f"F{audit.before.number} to F{audit.after.number}",
        split=one_line(audit.split),
        claimed=scale.gain(claimed),
        realised=f"{scale.gain(realised)} {interval}",
        ratio=share(realised / claimed) if claimed is not None and claimed > 0 else NONE,
        n=len(audit.differences),
    )


def realised_text(audits: Sequence[Audited], taken: tuple[Step, ...], scale: Scale) -> str:
    """Returns what the latest audit from F0 found, in few words; empty without one."""
    found = [a for a in audits if a.before.number == 0 and _claimed(a, taken) is not None]
    if not found:
        return ""
    audit = found[-1]
    interval = scale.gain_interval(audit.lower, audit.upper)
    mean = scale.gain(_mean(audit.differences))
    return f"realised up to F{audit.after.number}: {mean} {interval} on fresh seeds"


def _claimed(audit: Audited, taken: tuple[Step, ...]) -> float | None:
    return readings.claimed_gain(audit.before.number, audit.after.number, taken)


def _mean(values: Sequence[float]) -> float:
    # In this order no sum of large values overflows.
    return math.fsum(value / len(values) for value in values)
