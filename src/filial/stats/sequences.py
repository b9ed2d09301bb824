"""Confidence sequences for a mean gain: intervals that hold however one decides to stop.

With probability at least 1 - alpha the true mean lies in the interval of every n at once. So it
also lies, with that probability, in the interval at which one stopped.
"""

import math
from collections.abc import Sequence

from filial.stats.intervals import pooled_sd


def gaussian_sequence(
    differences: Sequence[float], sigma: float, *, alpha: float = 0.05, rho: float = 1.0
) -> tuple[float, float]:
    """Returns the interval at n of a confidence sequence for the mean, sigma known.

    The means mu against which the likelihood ratio of N(mu + h sigma, sigma^2) to
    N(mu, sigma^2), averaged over a normal h with scale ``rho``, is below ``1 / alpha``:
    ``mean +- sigma / n sqrt((n + 1/rho^2) (ln(1 + n rho^2) + 2 ln(1/alpha)))``.

    Args:
        differences: Paired gains, any unit, shape (n,).
        sigma: Standard deviation of one difference, same unit.
        alpha: Chance of ever missing the mean.
        rho: In sigma, the distance from the mean that it is tuned to tell apart.

    Returns:
        Lower and upper end; minus and plus infinity for n = 0.

    Source: Robbins 1970; Howard, Ramdas, McAuliffe, Sekhon 2021, arXiv 1810.08240.

    What this does not cover: heavy tails, and a sigma that is too small.
    """
    n = len(differences)
    if n == 0:
        return -math.inf, math.inf
    mean = math.fsum(differences) / n
    reach = math.log1p(n * rho**2) - 2 * math.log(alpha)
    half = sigma / n * math.sqrt((n + rho**-2) * reach)
    return mean - half, mean + half


def t_sequence(
    differences: Sequence[float],
    *,
    prior_ss: float = 0.0,
    prior_dof: int = 0,
    alpha: float = 0.05,
    rho: float = 2.0,
) -> tuple[float, float]:
    """Returns the interval at n of a confidence sequence for the mean, sigma unknown.

    Under the right-Haar prior on sigma and effects N(0, rho^2) in sigma, the likelihood ratio
    against the mean m is, with ``d = mean - m``, ``v = prior_ss + SS`` about the mean and
    ``k = prior_dof + n``,
    ``(1 + n rho^2)^(-1/2) ((v + n d^2) / (v + n d^2 / (1 + n rho^2)))^(k/2)``,
    a martingale if m is the true mean. The interval is where it is below ``1 / alpha``.

    Args:
        differences: Paired gains, any unit, shape (n,).
        prior_ss: Sum of squares of calibration contrasts, in the square of that unit.
        prior_dof: Their degrees of freedom.
        alpha: Chance of ever missing the mean.
        rho: In sigma, the distance from the mean that it is tuned to tell apart. The default gives
            about the shortest intervals for five to eight differences without calibration.

    Returns:
        Lower and upper end: minus and plus infinity while n is too small to say anything (up to
        three differences at the defaults without calibration), the mean itself if nothing varies.

    Source: Lai 1976; Wang and Ramdas 2025, "Anytime-valid t-tests and confidence sequences for
    Gaussian means with unknown variance", arXiv 2310.03722.

    What this does not cover: heavy tails, and challengers noisier than the calibration. The
    guarantee holds over fresh calibration.
    """
    n = len(differences)
    if n == 0:
        return -math.inf, math.inf
    growth = 1 + n * rho**2
    ratio = math.exp((math.log(growth) / 2 - math.log(alpha)) * 2 / (prior_dof + n))
    room = 1 - ratio / growth
    if room <= 0:
        return -math.inf, math.inf
    sd, dof = pooled_sd(differences, prior_ss=prior_ss, prior_dof=prior_dof)
    mean = math.fsum(differences) / n
    half = sd * math.sqrt(dof * (ratio - 1) / (n * room))
    return mean - half, mean + half
