"""From pairs to evidence: what the confirmation gate reads off its differences."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from filial import stats
from filial.core import LARGEST, Comparison, GuardCheck, Metric, Noise, Pair
from filial.gates.rule import Rule

UNKNOWN = Noise(sigma=0.0, n_values=0)
"""No calibration, or none that can be believed."""

_SMALLEST_SIGMA = 1 / LARGEST


def usable(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns the pairs in which both trials are usable.

    Where the incumbent failed, or the host, there is no difference to speak of: the pair is no
    gain and no loss. It still counts towards the most pairs a confirmation may take.
    """
    return tuple(p for p in pairs if p.incumbent.is_usable and p.challenger.is_usable)


def gains(metric: Metric, pairs: Sequence[Pair]) -> tuple[float, ...]:
    """Returns the paired gains of usable ``pairs``, in ``metric.unit``; positive is better."""
    name = metric.name
    return tuple(metric.gain(p.incumbent[name].value, p.challenger[name].value) for p in pairs)


def is_known(noise: Noise) -> bool:
    """Whether there is a calibration, and a spread in it whose square is not 0."""
    return noise.n_values >= 2 and noise.sigma >= _SMALLEST_SIGMA


def believed(differences: Sequence[float], noise: Noise, rule: Rule) -> Noise:
    """Returns the A/A noise, or ``UNKNOWN`` if there is none or the pairs refute it.

    They refute it when, from ``min_pairs`` on, their own spread exceeds ``spread_ratio`` sigma:
    the challenger is noisier than the tree on which the noise was measured.
    """
    if not is_known(noise):
        return UNKNOWN
    refuted = len(differences) >= rule.min_pairs and bool(_refutes(differences, noise, rule))
    return UNKNOWN if refuted else noise


def spread(differences: Sequence[float], noise: Noise) -> tuple[float, int]:
    """Returns sigma of one difference pooled over calibration and pairs, and its dof, maybe 0."""
    if _dof(noise) + len(differences) < 2:
        return 0.0, 0
    return stats.pooled_sd(differences, prior_ss=_sum_of_squares(noise), prior_dof=_dof(noise))


def log_evidence(differences: npt.ArrayLike, noise: Noise, rule: Rule) -> stats.Floats:
    """Returns log E against "no gain", shape (...), from differences of shape (..., n).

    With at least ``fixed_sigma_from`` A/A values sigma counts as known: the Gaussian e-process
    with sigma inflated. With fewer, the safe t process on the pooled spread; without any, on the
    pairs' own spread. Where the pairs refute the A/A noise, the lesser of that and the latter, so
    that an outlier is measured against the spread it makes.

    The result is the least over the differences as they are and with the largest lowered to the
    second largest: no single pair, lucky or unlucky, decides a promotion. Taking a minimum never
    adds false claims.

    What this does not cover: two or more outliers of one sign among few pairs, when none of them
    showed in the calibration.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not is_known(noise):
        return _tempered(values, UNKNOWN, rule)
    log_e = _tempered(values, noise, rule)
    if values.shape[-1] < rule.min_pairs:
        return log_e
    alone = np.minimum(log_e, _tempered(values, UNKNOWN, rule))
    refuted = _refutes(values, noise, rule)
    return np.where(refuted, alone, log_e)


def compare(
    metric: Metric, differences: Sequence[float], noise: Noise, rule: Rule
) -> Comparison | None:
    """Returns the evidence on ``metric``, or None where the spread is unknown."""
    if not differences:
        return None
    calibration = believed(differences, noise, rule)
    sigma, dof = spread(differences, calibration)
    if dof < 1:
        return None
    n = len(differences)
    mean = math.fsum(differences) / n
    lower, upper = stats.mean_interval(
        differences, prior_ss=_sum_of_squares(calibration), prior_dof=_dof(calibration)
    )
    log_e = float(log_evidence(differences, noise, rule))
    return Comparison(
        metric=metric.name,
        differences=tuple(differences),
        estimate=stats.shrink(mean, sigma, n, _effect_spread(mean, sigma, n)),
        lower=lower,
        upper=upper,
        e_value=math.exp(min(log_e, 700.0)),
    )


def _effect_spread(mean: float, sigma: float, n: int) -> float:
    """Spread of true effects: the default, or what this one effect says where that is more.

    Without it a gain of twenty sigma would be shrunk by a tenth, out of its own interval.
    """
    return max(stats.TAU_SIGMAS * sigma, math.sqrt(max(0.0, mean**2 - sigma**2 / n)))


def check_guard(
    guard: Metric, pairs: Sequence[Pair], baseline: Sequence[float] = ()
) -> tuple[GuardCheck, bool]:
    """Returns one guard's check on at least two usable pairs, and whether harm is proven.

    A guard holds when the one-sided upper 95 % bound of its mean harm is within the tolerance.
    Each must hold, so no correction is needed (intersection-union). Harm is proven when the lower
    95 % bound is beyond the tolerance; in between, more pairs may tell.

    A tolerance of 0 leaves no margin within which noise could be shown to lie, so the burden is
    reversed: the bound reported as harm is then the lower one, and the guard holds unless harm is
    proven. State a tolerance where that is not enough.

    The same tolerance counts from F0, so that small harms do not add up over generations. That
    comparison is not paired, and every challenger meets the same ``baseline``; so the burden is
    reversed there, too, and harm is proven when the lower 99 % bound is beyond the tolerance.

    Args:
        guard: The guard.
        pairs: The evidence, usable.
        baseline: F0's values on items of the same split; with fewer than two F0 is left out.

    Source: Berger 1982 (intersection-union tests); Welch 1947.

    What this does not cover: looking at a guard after every pair, which makes 95 % a little less.
    And harm since F0 that is too small for its noise: beyond the tolerance it is found out once it
    is a few standard errors more.
    """
    harms = tuple(-gain for gain in gains(guard, pairs))
    lower, upper = stats.mean_interval(harms, level=0.90)
    harm = upper if guard.tolerance > 0 else lower
    since = None
    if len(baseline) > 1:
        after = [-guard.gain(0.0, pair.challenger[guard.name].value) for pair in pairs]
        before = [-guard.gain(0.0, value) for value in baseline]
        since, _ = stats.difference_interval(before, after, level=0.98)
    check = GuardCheck(metric=guard.name, harm=harm, tolerance=guard.tolerance, since_f0=since)
    return check, max(lower, lower if since is None else since) > guard.tolerance


def _tempered(values: stats.Floats, noise: Noise, rule: Rule) -> stats.Floats:
    if values.shape[-1] < 2:
        return _log_e(values, noise, rule)
    second = np.partition(values, -2, axis=-1)[..., -2, np.newaxis]
    both = np.stack([values, np.minimum(values, second)])
    least: stats.Floats = _log_e(both, noise, rule).min(axis=0)
    return least


def _log_e(values: stats.Floats, noise: Noise, rule: Rule) -> stats.Floats:
    if noise.n_values < rule.fixed_sigma_from:
        return stats.log_e_safe_t(values, prior_ss=_sum_of_squares(noise), prior_dof=_dof(noise))
    return stats.log_e_gaussian(values, rule.inflation * noise.sigma)


def _refutes(differences: npt.ArrayLike, noise: Noise, rule: Rule) -> npt.NDArray[np.bool_]:
    values = np.asarray(differences, dtype=np.float64)
    return np.asarray(values.std(axis=-1, ddof=1) > rule.spread_ratio * noise.sigma)


def _dof(noise: Noise) -> int:
    return max(noise.n_values - 1, 0)


def _sum_of_squares(noise: Noise) -> float:
    return _dof(noise) * noise.sigma**2
