"""How the gates word their answers."""

from filial.core import (
    Comparison,
    Decision,
    Failure,
    FailureKind,
    GuardCheck,
    Metric,
    Trial,
    Verdict,
)
from filial.gates.base import Case

_RULES_BROKEN = (FailureKind.INVALID, FailureKind.TRIPWIRE)


def blamed(challenger: Trial) -> Failure | None:
    """Returns the failure that is the challenger's own fault, or None.

    A value that nobody can reckon with is one, too: it must not win by overflow.
    """
    failure = challenger.failure
    if failure is not None:
        return failure if failure.blames_candidate else None
    for found in challenger.measurements:
        if not found.is_usable:
            detail = f"{found.metric} is {found.value:g}"
            return Failure(kind=FailureKind.NON_FINITE, detail=detail)
    return None


def conclude(
    case: Case,
    answer: tuple[Decision, str],
    policy: str,
    *,
    alpha: float = 0.0,
    comparison: Comparison | None = None,
    guards: tuple[GuardCheck, ...] = (),
) -> Verdict:
    """Returns the verdict on ``case`` that ``answer``, a decision and its reason, stands for."""
    decision, reason = answer
    return Verdict(
        candidate=case.challenger,
        incumbent=case.incumbent,
        decision=decision,
        judged=case.judged,
        reason=reason,
        policy=policy,
        alpha=alpha,
        comparison=comparison,
        guards=guards,
        margin=case.margin,
    )


def failed(case: Case, failure: Failure, policy: str, alpha: float = 0.0) -> Verdict:
    """Returns the verdict on a challenger that failed."""
    return conclude(case, (decision_on(failure), str(failure)), policy, alpha=alpha)


def decision_on(failure: Failure) -> Decision:
    """Returns VOID for a challenger that broke the exam's rules, else REJECT."""
    return Decision.VOID if failure.kind in _RULES_BROKEN else Decision.REJECT


def worse(guard: GuardCheck) -> str:
    """Returns what is wrong with a guard that does not hold, for people."""
    since = guard.since_f0 is not None and guard.since_f0 > guard.tolerance
    return f"{guard.metric} is worse{' since F0' if since else ''} than its tolerance allows"


def amount(value: float, metric: Metric) -> str:
    """Returns ``value`` with its unit, for people."""
    return f"{value:.3g} {metric.unit}".rstrip()
