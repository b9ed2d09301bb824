"""Monitors of a running study: a level that moves, a slope, a spread, a trend."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

_LEVEL = 0.90
_MIN_GROUP = 3
_MIN_TREND = 5
_MAX_EXACT = 40


def cusum(values: Sequence[float], *, target: float, slack: float, limit: float) -> int | None:
    """Returns where values have risen above their target for too long.

    The first index at which ``s = max(0, s + value - target - slack)``, from 0, exceeds ``limit``.

    Args:
        values: In order, any unit, shape (n,).
        target: Where they should be, same unit.
        slack: What is let pass in each, same unit; usually half the shift to be found.
        limit: What may add up, same unit.

    Returns:
        Index into ``values``, or None if it never happens.

    Raises:
        ValueError: A value is not finite.

    Source: Page 1954.

    What this does not cover: falling values; negate them and the target. It has no error rate of
    its own: that follows from limit and slack, in units of the noise.
    """
    _require_finite(values)
    total = 0.0
    for i, value in enumerate(values):
        total = max(0.0, total + value - target - slack)
        if total > limit:
            return i
    return None


def slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Returns the least-squares slope of y on x with its two-sided 90 % interval.

    Args:
        x: Any unit, at least three, not all equal, shape (n,).
        y: Any unit, shape (n,).

    Returns:
        Slope, lower and upper end, in units of y per unit of x.

    Raises:
        ValueError: There are fewer than three points, x does not vary, a value is not
            finite, or the lengths differ.

    Source: Gauss 1823; Student 1908.

    What this does not cover: errors in x, which draw the slope towards 0, and residuals that
    depend on each other.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - scipy loads when it is asked for

    n = len(x)
    if n != len(y):
        raise ValueError(f"{n} values of x, {len(y)} of y")
    _require_finite(x)
    _require_finite(y)
    width = max(x) - min(x) if n >= 3 else 0.0
    if width == 0:
        raise ValueError("a slope takes three points, and x must vary")
    u = np.asarray(x) / width
    u = u - u.mean()
    height = max(map(abs, y)) or 1.0
    v = np.asarray(y) / height
    v = v - v.mean()
    squares = float(u @ u)
    b = float(u @ v) / squares
    error = math.sqrt(float(((v - b * u) ** 2).sum()) / (n - 2) / squares)
    half = float(stdtrit(n - 2, (1 + _LEVEL) / 2)) * error
    unit = height / width
    return b * unit, (b - half) * unit, (b + half) * unit


def spread_changed(groups: Sequence[Sequence[float]], *, alpha: float = 0.01) -> bool:
    """Returns whether groups of values significantly differ in their spread.

    Analysis of variance of the distances from each group's median. Where these do not vary within
    any group, the chance that equal ones fall into the same groups.

    Args:
        groups: Values in any unit; groups of fewer than three are left out.
        alpha: Chance of a false alarm.

    Returns:
        False if fewer than two groups are left.

    Raises:
        ValueError: A value is not finite.

    Source: Brown and Forsythe 1974; Levene 1960.

    What this does not cover: few values. With five in each of two groups it finds a spread ten
    times as large once in fifty times; with four in each, false alarms are twice as frequent.
    """
    from scipy.special import fdtrc  # noqa: PLC0415 - scipy loads when it is asked for

    for values in groups:
        _require_finite(values)
    kept = [np.asarray(values) for values in groups if len(values) >= _MIN_GROUP]
    if len(kept) < 2:
        return False
    distances = [np.abs(values - np.median(values)) for values in kept]
    scale = max(float(z.max()) for z in distances)
    if scale == 0:
        return False
    distances = [z / scale for z in distances]  # against overflow
    n = sum(map(len, distances))
    middle = float(np.concatenate(distances).mean())
    between = math.fsum(len(z) * (float(z.mean()) - middle) ** 2 for z in distances)
    if all(z.min() == z.max() for z in distances):
        log_ways = math.lgamma(n + 1) - math.fsum(math.lgamma(len(z) + 1) for z in distances)
        return len({float(z[0]) for z in distances}) > 1 and -log_ways <= math.log(alpha)
    within = math.fsum(float(((z - z.mean()) ** 2).sum()) for z in distances)
    dof = (len(kept) - 1, n - len(kept))
    return bool(fdtrc(*dof, between / dof[0] / (within / dof[1])) <= alpha)


def has_trend(values: Sequence[float], *, alpha: float = 0.01) -> bool:
    """Returns whether values significantly rise or fall with their order.

    Two-sided test of Kendall's rank correlation with the order: exact, ties included, for up to
    40 values, by its normal limit beyond.

    Args:
        values: In order, any unit, shape (n,).
        alpha: Chance of a false alarm if all orders are equally likely.

    Returns:
        False for fewer than five values.

    Raises:
        ValueError: A value is not finite.

    Source: Kendall 1938; Mann 1945.

    What this does not cover: a rise and fall that cancel; values that depend on the one before,
    which look like trends; and looking after each value, which multiplies false alarms.
    """
    _require_finite(values)
    n = len(values)
    if n < _MIN_TREND:
        return False
    array = np.asarray(values, dtype=np.float64)
    later = np.sign(array[np.newaxis, :] - array[:, np.newaxis])
    score = abs(int(np.triu(later, 1).sum()))
    ties = list(Counter(array.tolist()).values())
    return _tail(score, ties) <= alpha


def _require_finite(values: Sequence[float]) -> None:
    if not all(map(math.isfinite, values)):
        raise ValueError("a value is not finite")


def _tail(score: int, ties: list[int]) -> float:
    """Returns the chance that rises minus falls differ from 0 by ``score`` or more."""
    n = sum(ties)
    if n <= _MAX_EXACT:
        counts = _inversions(ties)
        # `score` is the number of untied pairs less twice the falls.
        falls = (len(counts) - 1 - score) // 2
        if score == 0:
            return 1.0
        return 2 * sum(counts[: falls + 1]) / sum(counts)
    from scipy.special import ndtr  # noqa: PLC0415 - scipy loads when it is asked for

    variance = n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)
    return 2 * float(ndtr(-score / math.sqrt(variance / 18))) if variance else 1.0


def _inversions(ties: list[int]) -> list[int]:
    """Returns how many orders of values, with these numbers of equal ones, have k falls.

    The Gaussian multinomial coefficient ``prod_i (1 - q^i) / prod_t prod_{i <= t} (1 - q^i)``, by
    exact integers.
    """
    n = sum(ties)
    top = (n**2 - sum(t**2 for t in ties)) // 2
    counts = [1] + [0] * top
    for i in range(1, n + 1):
        for k in range(top, i - 1, -1):
            counts[k] -= counts[k - i]
    for t in ties:
        for i in range(1, t + 1):
            for k in range(i, top + 1):
                counts[k] += counts[k - i]
    return counts
