"""Whether it is worth going on, and what can be found at all."""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence

import numpy as np

from filial.stats.e_processes import _legendre

_KNOWN = 10**6  # degrees of freedom of a standard deviation that is as good as known
_HALVINGS = 60
_LEAST_ALPHA = 1e-100  # a level that nothing reaches anyway; quantiles fail far beyond


def is_futile(
    differences: Sequence[float],
    *,
    n_max: int,
    sigma: float,
    log_e: Callable[[Sequence[float]], float],
    log_threshold: float,
) -> bool:
    """Returns whether even a favourable continuation would not reach the threshold.

    Every difference still to come is taken to be one standard error above the mean so far. For
    the Gaussian e-process this is ``S + (N - n)(d + 1/sqrt(n)) < S_needed(N)`` in sigma.

    Args:
        differences: Paired gains so far, any unit, at least one.
        n_max: N, the most differences there may be.
        sigma: Standard deviation of one difference, same unit.
        log_e: Log evidence of a sequence of differences.
        log_threshold: Log evidence that is needed.

    Returns:
        Whether to give up. Giving up early never adds false claims.

    Source: Lan, Simon and Halperin 1982 (stochastic curtailment).
    """
    n = len(differences)
    favourable = math.fsum(differences) / n + sigma / math.sqrt(n)
    return log_e([*differences, *[favourable] * (n_max - n)]) < log_threshold


def minimum_detectable_effect(
    n: int, *, alpha: float, power: float = 0.8, dof: int | None = None
) -> float:
    """Returns the smallest true gain that a one-sided test of n paired differences finds.

    Args:
        n: Number of differences, at least one.
        alpha: Level of the test.
        power: Chance to find the gain, above ``alpha``.
        dof: Degrees of freedom of the standard deviation, at least one; None if it is known.

    Returns:
        Mean gain in sigma of one difference.

    Raises:
        ValueError: There are no differences or no degrees of freedom, or not
            ``1e-100 <= alpha < power < 1``.

    Source: Cohen 1988; the noncentral t distribution where sigma is estimated.

    What this does not cover: tests that may stop early. An e-process pays for that and takes
    somewhat more.
    """
    if n < 1 or (dof is not None and dof < 1) or not _LEAST_ALPHA <= alpha < power < 1:
        raise ValueError(f"n={n}, alpha={alpha}, power={power}, dof={dof}: no such test")
    from scipy.special import chdtri, ndtri, stdtrit  # noqa: PLC0415 - scipy loads when asked for

    if dof is None:
        return float(-ndtri(alpha) - ndtri(1 - power)) / math.sqrt(n)
    dof = min(dof, _KNOWN)
    quantile = -float(stdtrit(dof, alpha))
    # Half of the failures may come from a large standard deviation, half from a small mean.
    worst = math.sqrt(float(chdtri(dof, (1 - power) / 2)) / dof)
    low, high = 0.0, worst * max(quantile, 0.0) - float(ndtri((1 - power) / 2))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _power(middle, quantile, dof) < power else (low, middle)
    return high / math.sqrt(n)


def _power(shift: float, quantile: float, dof: int) -> float:
    """Returns the chance that ``(Z + shift) / sqrt(chi^2 / dof)`` exceeds the quantile.

    Library functions for the noncentral t do not end, or lose digits, in the far tail. Of the two
    variables it integrates over the one along which the other's distribution is smooth.
    """
    from scipy.special import gammainc, ndtr  # noqa: PLC0415 - scipy loads when asked for

    nodes, weights = _legendre()
    ratio = quantile / math.sqrt(dof)
    if ratio > 1:
        low = max(-shift, -9.0)
        z = low + (9.0 - low) * nodes
        values = gammainc(dof / 2, ((z + shift) / ratio) ** 2 / 2)
        density = (9.0 - low) * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
        return float(np.sum(weights * density * values))
    mode = math.sqrt(dof - 1)
    low = max(mode - 9.0, 0.0)
    w = low + (mode + 9.0 - low) * nodes
    log_f = (dof - 1) * np.log(w) - w**2 / 2
    density = np.exp(log_f - log_f.max())
    return float(np.sum(weights * density * ndtr(shift - ratio * w)) / np.sum(weights * density))


def seeds_needed(effect: float, *, alpha: float, power: float = 0.8, dof_extra: int = 0) -> int:
    """Returns how many paired differences a one-sided t test takes to find a gain.

    Args:
        effect: Mean gain in sigma of one difference, positive.
        alpha: Level of the test.
        power: Chance to find the gain, above ``alpha``.
        dof_extra: Degrees of freedom of calibration contrasts, on top of n - 1.

    Returns:
        The smallest n whose :func:`minimum_detectable_effect` is at most ``effect``.

    Raises:
        ValueError: The effect is not positive, or not ``1e-100 <= alpha < power < 1``.

    Source: Cohen 1988.

    What this does not cover: see :func:`minimum_detectable_effect`.
    """
    if not effect > 0:
        raise ValueError(f"an effect of {effect} is not a gain")

    def is_enough(n: int) -> bool:
        dof = n - 1 + dof_extra
        return minimum_detectable_effect(n, alpha=alpha, power=power, dof=dof) <= effect

    low = 0 if dof_extra > 0 else 1  # too few
    high = low + 1
    while not is_enough(high):
        low, high = high, 2 * high
    return bisect_left(range(low + 1, high), True, key=is_enough) + low + 1  # noqa: FBT003
