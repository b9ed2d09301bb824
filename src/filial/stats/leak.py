"""How far a panel of fixed items can be over-fitted through the answers it gave."""

import math
from bisect import bisect_right


def leak_bound(
    n_items: int,
    n_looks: int,
    n_releases: int,
    *,
    variance: float,
    span: float = 1.0,
    delta: float = 0.05,
) -> float:
    """Returns the most by which the mean gain on a panel can exceed the true one.

    Whoever chooses candidates learns one bit a look. With ``n_looks`` looks of which at most
    ``n_releases`` say yes, there are at most ``(e looks / releases)^releases`` transcripts, never
    more than ``2^looks``, and so as many candidates it can have been led to. The bound is
    Bernstein's for the worst of them: ``sqrt(2 variance L / n) + 2 span L / (3 n)`` with
    ``L = ln(transcripts) + ln(1 / delta)``.

    Args:
        n_items: Items of the panel, n, drawn independently.
        n_looks: How often a candidate was judged on it.
        n_releases: The most of these that may say yes, fixed beforehand.
        variance: Mean square of the difference between two candidates on one item, in the square
            of any unit. For pass/fail: the share of items on which they disagree.
        span: Largest absolute difference on one item, same unit.
        delta: Chance that the bound is exceeded.

    Returns:
        Gain, same unit.

    Raises:
        ValueError: There are no items, or counts or sizes are negative, or more releases than
            looks.

    Source: Bernstein 1946 (see Boucheron, Lugosi, Massart 2013, Theorem 2.10); Blum and Hardt
    2015, arXiv 1502.04585, for counting transcripts.

    What this does not cover: any answer beyond one bit, such as scores, and other ways to
    the items. A number of releases taken from what happened is only a bound if the rule could
    never have released more. Items of one family count once.
    """
    if n_items < 1 or not 0 <= n_releases <= n_looks or not (variance >= 0 and span >= 0):
        raise ValueError(
            f"{n_items} items, {n_looks} looks, {n_releases} releases, variance {variance}, "
            f"span {span}: no such panel"
        )
    log_transcripts = 0.0
    if n_releases > 0:
        some = n_releases * (1 + math.log(n_looks / n_releases))
        log_transcripts = min(some, n_looks * math.log(2))
    reach = (log_transcripts - math.log(delta)) / n_items
    return math.sqrt(2 * variance * reach) + 2 * span * reach / 3


def looks_allowed(
    n_items: int, *, variance: float, span: float = 1.0, largest: float, delta: float = 0.05
) -> int:
    """Returns how many looks a panel bears if each of them may say yes or no.

    Args:
        n_items: Items of the panel, drawn independently.
        variance: Mean square of the difference between two candidates on one item, in the square
            of any unit.
        span: Largest absolute difference on one item, same unit, positive.
        largest: The most the panel may be over-fitted, same unit; say, half the smallest gain of
            interest.
        delta: Chance that this is exceeded.

    Returns:
        The largest number of looks whose :func:`leak_bound` is at most ``largest``; 0 if none.

    Raises:
        ValueError: See :func:`leak_bound`; or ``span`` is not positive.

    Source: as :func:`leak_bound`.

    What this does not cover: see :func:`leak_bound`.
    """
    if not span > 0:
        raise ValueError("without a span there is no limit to the looks")
    # The second term alone exceeds what is allowed from here on.
    too_many = math.ceil(largest * 3 * n_items / (2 * span * math.log(2))) + 1

    def bound(n_looks: int) -> float:
        return leak_bound(n_items, n_looks, n_looks, variance=variance, span=span, delta=delta)

    return max(bisect_right(range(too_many + 1), largest, key=bound) - 1, 0)
