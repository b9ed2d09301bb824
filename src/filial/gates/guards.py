"""Whether a challenger leaves alone what it must not harm."""

from collections.abc import Sequence

from filial import stats
from filial.core import GuardCheck, Metric, Pair
from filial.gates.base import Case
from filial.gates.evidence import gains

_SIGNIFICANT = 0.05


def check_guards(
    case: Case, pairs: Sequence[Pair]
) -> tuple[tuple[GuardCheck, ...], GuardCheck | None]:
    """Returns the checks of all guards, and the first on which harm is proven, if any.

    A guard holds when the one-sided upper 95 % bound of its mean harm is within the tolerance.
    Each must hold, so no correction is needed (intersection-union). A single proof of harm
    rejects, so proofs are corrected for the number of guards (Holm). In between, more pairs may
    tell.

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

    Source: Berger 1982 (intersection-union tests); Holm 1979; Welch 1947.

    What this does not cover: looking at a guard after every pair, which makes 95 % a little less.
    And harm since F0 that is too small for its noise: beyond the tolerance it is found out once it
    is a few standard errors more.
    """
    if len(pairs) < 2:
        return (), None
    checks = tuple(
        _check(guard, pairs, case.baseline.get(guard.name, ())) for guard in case.guards
    )
    proofs = stats.holm([_proof(guard, pairs) for guard in case.guards])
    for check, proof in zip(checks, proofs, strict=True):
        is_worse_since = check.since_f0 is not None and check.since_f0 > check.tolerance
        if proof <= _SIGNIFICANT or is_worse_since:
            return checks, check
    return checks, None


def _check(guard: Metric, pairs: Sequence[Pair], baseline: Sequence[float]) -> GuardCheck:
    harms = tuple(-gain for gain in gains(guard, pairs))
    lower, upper = stats.mean_interval(harms, level=1 - 2 * _SIGNIFICANT)
    since = None
    if len(baseline) > 1:
        after = [-guard.gain(0.0, pair.challenger[guard.name].value) for pair in pairs]
        before = [-guard.gain(0.0, value) for value in baseline]
        since, _ = stats.difference_interval(before, after, level=0.98)
    return GuardCheck(
        metric=guard.name,
        harm=upper if guard.tolerance > 0 else lower,
        tolerance=guard.tolerance,
        since_f0=since,
    )


def _proof(guard: Metric, pairs: Sequence[Pair]) -> float:
    """Returns the p-value of "the mean harm is within the tolerance"."""
    found = gains(guard, pairs)
    if all(-gain <= guard.tolerance for gain in found):
        return 1.0
    return 1 - stats.non_inferiority(found, guard.tolerance)
