"""E-processes for bounded values: pass/fail items, scores between two limits, clusters of them.

They ask nothing of the law of the values but its limits. As everywhere here, log E at least
``-log(alpha)`` is reached with probability at most alpha if there is no gain.
"""

import math
from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from filial.stats.e_processes import Floats

_FRACTIONS = 1 / (1 + np.exp(-np.linspace(-4.5, 4.5, 19)))
"""Bets to average over, as fractions of the largest safe one: 0.011 to 0.989, even in logits."""

_LEAST_ROOM = 1e-12  # of the span; what a bet reckons with if the null leaves nothing to lose
_HALVINGS = 45


def log_e_betting(
    values: npt.ArrayLike, *, lowest: float, highest: float, null: float = 0.0
) -> Floats:
    """Returns log E of "the mean is above ``null``" against "it is ``null`` or less".

    The capital of a gambler who starts with 1 and bets a fixed fraction of the largest safe bet
    ``1 / (null - lowest)`` on every value, ``prod(1 + bet (x - null))``, averaged over a grid of
    fractions. If each value, given those before it, has a mean of at most ``null``, every factor
    is expected to be at most 1; so it is an e-process in n, exactly, whatever the law.

    Args:
        values: In [lowest, highest], any unit, shape (..., n).
        lowest: The least a value can be, same unit.
        highest: The most it can be, same unit.
        null: Largest mean that is no gain, same unit.

    Returns:
        Shape (...), finite; 0 for n = 0. It does not depend on the order of the values.

    Raises:
        ValueError: The limits are not finite, ``null`` is not in [lowest, highest), or a value
            is not in [lowest, highest].

    Source: Waudby-Smith and Ramdas 2024, arXiv 2010.09686; Cover 1991 (universal portfolios) for
    the mixture.

    What this does not cover: limits taken from the values themselves. They are known beforehand,
    or values are clipped to them, and then it is the mean of clipped values that is judged. Nor
    values that depend on each other: see :func:`log_e_clustered`.
    """
    if not (math.isfinite(highest - lowest) and lowest <= null < highest):
        raise ValueError(f"{null} is not in [{lowest}, {highest})")
    return _log_capital(_checked(values, lowest, highest), null, lowest, highest - lowest)


def betting_sequence(
    values: Sequence[float], *, lowest: float, highest: float, alpha: float = 0.05
) -> tuple[float, float]:
    """Returns the ends of a confidence sequence for the mean of bounded values.

    All means against which neither the evidence that the true one is higher nor that it is lower
    has reached ``2 / alpha``. Over all n at once, some interval misses the true mean with
    probability at most ``alpha``.

    Args:
        values: In [lowest, highest], any unit, shape (n,).
        lowest: The least a value can be, same unit.
        highest: The most it can be, same unit.
        alpha: Chance of ever missing the mean.

    Returns:
        Lower and upper end, within [lowest, highest]; these themselves for n = 0.

    Raises:
        ValueError: The limits are not finite or not in order, or a value is not within them.

    Source: Waudby-Smith and Ramdas 2024, arXiv 2010.09686.

    What this does not cover: a mean that moves. Each value has the same mean given those before.
    """
    if not (math.isfinite(highest - lowest) and lowest < highest):
        raise ValueError(f"[{lowest}, {highest}] is not an interval")
    span = highest - lowest
    unit = (_checked(values, lowest, highest) - lowest) / span
    lower = _lower_end(unit, alpha / 2)
    upper = 1 - _lower_end(1 - unit, alpha / 2)
    return max(lowest, lowest + lower * span), min(highest, lowest + upper * span)


def log_e_discordant(n_better: npt.ArrayLike, n_worse: npt.ArrayLike) -> Floats:
    """Returns log E of "it wins more than half of the items on which two candidates disagree".

    Pass/fail on the same items. Where both pass, or both fail, an item says nothing. With b wins
    and c losses, the likelihood ratio of a chance theta of winning to an even one, averaged over
    theta in (1/2, 1): ``E = 2^(b+c+1) B(b+1, c+1) [1 - I_{1/2}(b+1, c+1)]``.

    Args:
        n_better: b, items that only the challenger passes, counts, any shape.
        n_worse: c, items that only the incumbent passes, counts, broadcast against ``n_better``.

    Returns:
        Broadcast shape; 0 where both are 0.

    Raises:
        ValueError: A count is negative or not whole.

    Source: Robbins 1970 (mixture); McNemar 1947 for the discordant items.

    What this does not cover: items that share their fate, such as variants of one template or
    repeats of one question. Average them and use :func:`log_e_clustered`.
    """
    from scipy.special import betainc, betaln, hyp2f1  # noqa: PLC0415 - scipy loads for a verdict

    b, c = np.broadcast_arrays(
        np.asarray(n_better, dtype=np.float64), np.asarray(n_worse, dtype=np.float64)
    )
    if not all(((x >= 0) & (x == np.floor(x)) & np.isfinite(x)).all() for x in (b, c)):
        raise ValueError("numbers of items are whole and not negative")
    won, lost = np.maximum(b, c), np.minimum(b, c)
    # The incomplete beta function is at least 1/2 for b >= c. For b < c it can underflow; there
    # the same value is a short series of positive terms.
    ahead = (won + lost + 1) * math.log(2) + betaln(won + 1, lost + 1)
    ahead = ahead + np.log(betainc(lost + 1, won + 1, 0.5))
    behind = np.log(hyp2f1(-lost, 1.0, won + 2, -1.0) / (won + 1))
    return np.asarray(np.where(b >= c, ahead, behind))


def log_e_clustered(
    values: Sequence[float],
    clusters: Sequence[Hashable],
    *,
    lowest: float,
    highest: float,
    null: float = 0.0,
) -> float:
    """Returns log E of "the mean is above ``null``", from values that come in clusters.

    The second item of one family, or the second answer to one question, mostly repeats the first:
    it is no fresh evidence, and counted as such it makes luck look like a gain. So the values of
    a cluster are averaged, and a cluster is one value to bet on, however large it is.

    Args:
        values: In [lowest, highest], any unit, shape (n,).
        clusters: The cluster of each value, equal for values of one cluster, shape (n,).
        lowest: The least a value can be, same unit.
        highest: The most it can be, same unit.
        null: Largest mean of clusters that is no gain, same unit.

    Returns:
        As :func:`log_e_betting` of the means of the clusters, in order of first appearance.

    Raises:
        ValueError: There are not as many clusters as values, or see :func:`log_e_betting`.

    Source: Waudby-Smith and Ramdas 2024, arXiv 2010.09686.

    What this does not cover: stopping within a cluster. Which values a cluster gets must not
    depend on how they come out, so look at the evidence only when all clusters are complete.
    Clusters that depend on each other are one cluster.
    """
    by_cluster: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        by_cluster.setdefault(cluster, []).append(value)
    checked = [_checked(members, lowest, highest) for members in by_cluster.values()]
    means = [float(np.clip(members.mean(), lowest, highest)) for members in checked]
    return float(log_e_betting(means, lowest=lowest, highest=highest, null=null))


def _checked(values: npt.ArrayLike, lowest: float, highest: float) -> Floats:
    """Returns the values as an array, all of them within the limits."""
    array = np.asarray(values, dtype=np.float64)
    if not ((array >= lowest) & (array <= highest)).all():
        raise ValueError(f"a value is not in [{lowest}, {highest}]")
    return array


def _log_capital(values: Floats, null: float, lowest: float, span: float) -> Floats:
    """Returns the log of the mean capital over all fractions, shape (...).

    A smaller bet than the largest safe one is safe, too, so where the null is the least there can
    be the capital stays finite.
    """
    room = max(null - lowest, _LEAST_ROOM * span)
    gains = np.maximum((values - null) / room, -1.0)
    logs = np.log1p(_FRACTIONS[:, np.newaxis] * gains[..., np.newaxis, :]).sum(axis=-1)
    return np.asarray(np.logaddexp.reduce(logs, axis=-1) - math.log(len(_FRACTIONS)))


def _lower_end(unit: Floats, alpha: float) -> float:
    """Returns the largest mean in [0, 1] that the values speak against as being too low.

    Each factor ``1 - fraction + fraction x / mean`` falls as the mean grows, and so does E: what
    speaks against a mean speaks against all smaller ones.
    """
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _log_capital(unit, middle, 0.0, 1.0) >= -math.log(alpha):
            low = middle
        else:
            high = middle
    return low
