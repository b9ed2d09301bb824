"""How long a sealed panel can be believed."""

from filial.core import History, Metric, Split
from filial.stats.leak import leak_bound


def panel_bound(history: History, n_items: int) -> float | None:
    """Returns what one more look at a sealed panel could have leaked, in the metric's unit.

    Each comparison lets out one bit: whether gains held up. A study that was steered by those bits
    may have fitted the panel by as much. The spread of items is the largest a comparison found.

    Args:
        history: The study's state.
        n_items: Different items the panel has; 0 if they are drawn without end.

    Returns:
        The bound, with 95 % confidence; None where items are drawn without end, or without looks.

    Source: see :func:`filial.stats.leak_bound`; its second term, which needs the largest
    difference on an item, is left out.

    What this does not cover: a spread that no comparison recorded counts as 0.
    """
    looks = [audit for audit in history.audits if audit.split == Split.SEALED]
    if not n_items or not looks:
        return None
    variance = max(audit.item_variance for audit in looks)
    n_looks = len(looks) + 1
    return leak_bound(n_items, n_looks, n_looks, variance=variance, span=0.0)


def panel_allowance(metric: Metric, history: History) -> float | None:
    """Returns half the smallest effect of interest, in ``metric.unit``; None if there is none.

    Where none is declared it is a quarter of the noise.
    """
    smallest = metric.smallest_effect or (history.noise.sigma / 4 if history.noise else 0.0)
    return smallest / 2 if smallest else None
