"""Whether it is worth going on."""

import math
from collections.abc import Callable, Sequence


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
