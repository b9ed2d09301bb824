"""Guards: what a promotion must not harm, and a whole family of such claims."""

import math
from collections.abc import Sequence

from filial.stats.intervals import pooled_sd


def non_inferiority(
    differences: Sequence[float], margin: float, *, prior_ss: float = 0.0, prior_dof: int = 0
) -> float:
    """Returns the p-value of "the mean gain is ``-margin`` or less".

    One-sided t test with pooled variance. A small p says: not worse by ``margin`` or more.

    Args:
        differences: Paired gains, any unit, finite, at least one.
        margin: The harm that is tolerated, same unit, not negative.
        prior_ss: Sum of squares of calibration contrasts, in the square of that unit.
        prior_dof: Their degrees of freedom.

    Returns:
        Probability. If nothing varies: 0 if the mean is above ``-margin``, else 1.

    Raises:
        ValueError: The margin is negative, a difference is not finite, or there are no degrees of
            freedom at all.

    Source: Student 1908. If *every* guard must pass, no correction for many guards is needed:
    Berger 1982 (intersection-union test).

    What this does not cover: looking again after each difference. The p-value is that of a number
    of differences fixed beforehand. Harm that shows on few inputs only hides in a mean.
    """
    if not margin >= 0:
        raise ValueError(f"a margin of {margin} tolerates less than no harm")
    if not all(map(math.isfinite, differences)):
        raise ValueError("a difference is not finite")
    from scipy.special import stdtr  # noqa: PLC0415 - scipy loads when a verdict is due

    sd, dof = pooled_sd(differences, prior_ss=prior_ss, prior_dof=prior_dof)
    n = len(differences)
    if sd == 0:
        return 0.0 if differences[0] > -margin else 1.0
    mean = math.fsum(differences) / n
    return float(stdtr(dof, -(mean + margin) * math.sqrt(n) / sd))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Returns p-values adjusted for their number, for claims of which *any* one counts.

    Those of at most alpha may all be claimed, with a chance of at most alpha that one is false,
    whatever their dependence.

    Args:
        p_values: Probabilities, in any order, shape (n,).

    Returns:
        Adjusted probabilities in the same order, shape (n,).

    Raises:
        ValueError: One is not a probability.

    Source: Holm 1979.
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise ValueError("a p-value is not in [0, 1]")
    n, least = len(p_values), 0.0
    adjusted = [0.0] * n
    for rank, i in enumerate(sorted(range(n), key=lambda i: p_values[i])):
        least = max(least, min(1.0, (n - rank) * p_values[i]))
        adjusted[i] = least
    return tuple(adjusted)
