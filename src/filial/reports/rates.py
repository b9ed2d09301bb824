"""Rates that were counted, and how large they may be."""


def rate_bound(n_run: int, n_hit: int) -> float | None:
    """Returns the upper 95 % bound of a rate of which ``n_hit`` of ``n_run`` were seen.

    Source: Clopper and Pearson 1934, one-sided; 0 of n gives 1 - 0.05^(1/n).

    Returns:
        A share; None if nothing was run.
    """
    if n_run == 0:
        return None
    if n_hit >= n_run:
        return 1.0
    from scipy.special import betaincinv  # noqa: PLC0415 - scipy is slow to import

    return float(betaincinv(n_hit + 1, n_run - n_hit, 0.95))
