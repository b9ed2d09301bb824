"""How far true effects spread, from what was measured."""

from collections.abc import Sequence

import numpy as np

_HALVINGS = 60


def effect_spread(means: Sequence[float], errors: Sequence[float]) -> float:
    """Returns tau, the spread of true effects around zero, by moments.

    If means are N(0, tau^2 + error^2), ``sum(mean^2 / (tau^2 + error^2))`` is expected to be their
    number; tau solves that equation.

    Args:
        means: Mean gain of each candidate, any unit, shape (n,).
        errors: Standard error of each mean, same unit, not negative, shape (n,).

    Returns:
        Tau, same unit, to be handed to :func:`~filial.stats.intervals.shrink` where it is
        positive; 0 if the means do not spread more than their errors, or there are none.

    Raises:
        ValueError: An error is negative, a number is not finite, or the lengths differ.

    Source: Paule and Mandel 1982; DerSimonian and Kacker 2007, around a mean of zero.

    What this does not cover: selection. All candidates that were measured belong here, whatever
    came out; of the promoted ones alone tau is too large. From few candidates it is little more
    than a guess.
    """
    m, e = np.asarray(means, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if m.shape != e.shape or not (np.isfinite(m) & np.isfinite(e) & (e >= 0)).all():
        raise ValueError("means and errors are finite, one standard error a mean, none negative")
    scale = float(np.abs(m).max(initial=0.0))
    if scale == 0:
        return 0.0
    m, e = m / scale, e / scale

    def is_too_small(tau: float) -> bool:
        total = np.hypot(tau, e)
        return float(((m[total > 0] / total[total > 0]) ** 2).sum()) > len(m)

    # At the largest mean no term exceeds 1. At 0 an error of 0 excludes it, if its mean is not 0.
    if not is_too_small(0.0) and (e[m != 0] > 0).all():
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_too_small(middle) else (low, middle)
    return high * scale
