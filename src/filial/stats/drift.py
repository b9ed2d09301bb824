"""Whether an incumbent still is what it was promoted as."""

import math
from collections.abc import Sequence

from filial.core import Metric
from filial.stats.intervals import difference_interval

ALPHA = 0.001
MIN_VALUES = 3


def drifted(
    promotion_values: Sequence[float], later_values: Sequence[float], metric: Metric
) -> bool:
    """Returns whether an incumbent has become significantly worse since it was promoted.

    A candidate that behaves well until it is the incumbent, and badly from then on, makes every
    challenger look good. One-sided t test at level ``ALPHA``, Welch's and pooled; where neither
    sample varies, the chance ``1 / C(n + m, n)`` that all later values come out worse.

    Args:
        promotion_values: Its values of ``metric`` in the pairs that promoted it.
        later_values: Its values in later pairs, as the incumbent.
        metric: The metric.

    Returns:
        False while there are fewer than ``MIN_VALUES`` of either.

    Source: Welch 1947; Student 1908.

    What this does not cover: the values that promoted it were lucky to begin with, and one may
    look after every pair, so false alarms are more frequent than ``ALPHA``: with a look after each
    of 60 later pairs up to one honest incumbent in 100 raised one in simulation. An incumbent that
    fails instead of answering has no value; its challengers stay undecided. Nor does it see a
    decline too small for the spread of few values.
    """
    n, m = len(promotion_values), len(later_values)
    if min(n, m) < MIN_VALUES:
        return False
    before = [-metric.gain(0.0, value) for value in promotion_values]
    after = [-metric.gain(0.0, value) for value in later_values]
    if len({*before}) == len({*after}) == 1:
        return after[0] > before[0] and math.comb(n + m, n) >= 1 / ALPHA
    lower, _ = difference_interval(before, after, level=1 - 2 * ALPHA)
    return lower > 0
