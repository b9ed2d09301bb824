"""Whether a challenger leaves alone what it must not harm."""

from collections.abc import Sequence

from filial import stats
from filial.core import GuardCheck, Metric, Pair
from filial.gates.base import Case
from filial.gates.evidence import gains
from filial.gates.rule import SIGNIFICANT, SIGNIFICANT_SINCE_F0


def check_guards(
    case: Case, pairs: Sequence[Pair]
) -> tuple[tuple[GuardCheck, ...], GuardCheck | None]:
    """Returns the checks of all guards, and the first on which harm is proven, if any.

    A guard holds when the one-sided upper 95 % bound of its mean harm is within the tolerance.
    Each must hold, so no correction is needed (intersection-union). A single proof of harm
    rejects for good, so proofs are corrected for the number of guards (Bonferroni) and for looking
    after every pair (a confidence sequence). In between, more pairs may tell.

    A tolerance of 0 leaves no margin within which noise could be shown to lie, so the burden is
    reversed: the bound reported as harm is then the lower one, and the guard holds unless harm is
    proven. State a tolerance where that is not enough.

    The same tolerance counts from F0, so that small harms do not add up over generations. That
    comparison is not paired, and every challenger meets the same ``case.baseline``; so the burden
    is reversed there, too, and harm is proven when the lower 99 % bound is beyond the tolerance.
    With fewer than two values F0 is left out.

    Args:
        case: Its guards and their baseline.
        pairs: The evidence, usable; with fewer than two nothing is checked.

    Source: Berger 1982 (intersection-union tests); Welch 1947; Wang and Ramdas 2025, arXiv
    2310.03722 (confidence sequence).

    What this does not cover: a guard that is said to hold was looked at after every pair, too, so
    its 95 % are somewhat less. And harm since F0 that is too small for its noise: beyond the
    tolerance it is found out once it is a few standard errors more.
    """
    if len(pairs) < 2:
        return (), None
    checks = tuple(
        _check(guard, pairs, case.baseline.get(guard.name, ())) for guard in case.guards
    )
    alpha = 2 * SIGNIFICANT / max(len(case.guards), 1)
    for guard, check in zip(case.guards, checks, strict=True):
        is_worse_since = check.since_f0 is not None and check.since_f0 > check.tolerance
        if _least_harm(guard, pairs, alpha) > check.tolerance or is_worse_since:
            return checks, check
    return checks, None


def _check(guard: Metric, pairs: Sequence[Pair], baseline: Sequence[float]) -> GuardCheck:
    harms = tuple(-gain for gain in gains(guard, pairs))
    lower, upper = stats.mean_interval(harms, level=1 - 2 * SIGNIFICANT)
    since = None
    if len(baseline) > 1:
        after = [-guard.gain(0.0, pair.challenger[guard.name].value) for pair in pairs]
        before = [-guard.gain(0.0, value) for value in baseline]
        level = 1 - 2 * SIGNIFICANT_SINCE_F0
        since, _ = stats.difference_interval(before, after, level=level)
    return GuardCheck(
        metric=guard.name,
        harm=upper if guard.tolerance > 0 else lower,
        tolerance=guard.tolerance,
        since_f0=since,
    )


def _least_harm(guard: Metric, pairs: Sequence[Pair], alpha: float) -> float:
    """Returns the lower end of the mean harm, whenever one looks."""
    harms = [-gain for gain in gains(guard, pairs)]
    if len(set(harms)) == 1:
        return harms[0]
    return stats.t_sequence(harms, alpha=alpha)[0]
