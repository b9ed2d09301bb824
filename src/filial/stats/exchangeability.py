"""E-processes for "they come from one law", valid whatever that law's tails.

Training a network now and then goes wrong, so the noise of its results is neither normal nor
known. These processes look at the order of results, or at the signs of differences, and at nothing
whose law would have to be assumed. Both work along the last axis and return natural logarithms.
"""

import math

import numpy as np
import numpy.typing as npt

from filial.stats.e_processes import Floats

ODDS = (2.0, 4.0, 8.0, 16.0, 64.0, math.inf)
"""Odds at which :func:`log_e_ranks` has a result of the better side come first, mixed equally."""

STAKES = (0.25, 0.5, 1.0, 2.0, 4.0, math.inf)
"""How far :func:`log_e_symmetric` trusts a sign, by its size; infinity means entirely."""


def log_e_ranks(before: npt.ArrayLike, after: npt.ArrayLike) -> Floats:
    """Returns log E of "``after`` is larger" against "all values come from one law".

    The likelihood ratio of the ranks: under the null every order of labels is equally likely;
    under the alternative, going down from the best value, the next one is of ``after`` with odds
    ``ODDS`` to one for each that is left; and likewise going up from the worst, the next is of
    ``before``. Both directions and all odds are averaged. The ranks of the first n values are a
    function of those of the first n + 1, so this is a martingale under the null as values arrive.
    With n values a side it is at most ``C(2n, n)``: one value, however large, decides nothing.

    Args:
        before: Values of one side, shape (..., m).
        after: Values of the other, shape (..., n). Larger is better.

    Returns:
        Shape (...). Ties count against ``after``.

    Source: ter Schure, Pérez-Ortiz, Ly, Grünwald 2024, "The safe logrank test", arXiv 2011.06931;
    Savage 1956 (rank order under Lehmann alternatives).

    What this does not cover: sides of equal mean and unlike spread; of those a test of the mean
    must judge as well. Values of one side that depend on each other: at an autocorrelation of 0.5
    E reaches 500 in 3 % of cases. And pairs of which one side gains what the other loses.
    """
    x, y = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    m, n = x.shape[-1], y.shape[-1]
    values = np.concatenate([x, y], axis=-1)
    # Stable sorting of negated values leaves `before` ahead of `after` where they are equal.
    order = np.argsort(-values, axis=-1, kind="stable")
    is_after = np.take_along_axis(
        np.concatenate([np.zeros(x.shape, bool), np.ones(y.shape, bool)], axis=-1), order, axis=-1
    )
    down = [_log_order(is_after, odds) for odds in ODDS]
    up = [_log_order(~is_after[..., ::-1], odds) for odds in ODDS]
    by_chance = math.lgamma(m + 1) + math.lgamma(n + 1) - math.lgamma(m + n + 1)
    mixture = np.logaddexp.reduce(np.stack(down + up), axis=0) - math.log(2 * len(ODDS))
    return np.asarray(mixture - by_chance)


def log_e_symmetric(differences: npt.ArrayLike) -> Floats:
    """Returns log E of "differences are positive" against "they are symmetric about zero".

    The difference of two exchangeable results is symmetric, whatever they share: seed, items,
    state of the machine. Given all sizes, signs are then fair coins, and a bet on a sign may
    depend on the sizes so far. It grows by at most a factor of 2 a difference.

    Args:
        differences: Paired gains, any unit, shape (..., n).

    Returns:
        Shape (...); 0 for n = 0.

    Source: de la Peña 1999 (symmetric sums); Ramdas, Ruf, Larsson, Koolen 2020, "Admissible
    anytime-valid sequential inference must rely on nonnegative martingales", arXiv 2009.03167.

    What this does not cover: a mean of zero without symmetry.
    """
    values = np.asarray(differences, dtype=np.float64)
    n = values.shape[-1]
    sizes = np.cumsum(np.abs(values), axis=-1) / np.arange(1, n + 1)
    unit = values / np.where(sizes > 0, sizes, 1.0)
    logs = [_log_bets(unit, stake).sum(axis=-1) for stake in STAKES]
    return np.asarray(np.logaddexp.reduce(np.stack(logs), axis=0) - math.log(len(STAKES)))


def _log_bets(unit: Floats, stake: float) -> Floats:
    if math.isinf(stake):
        with np.errstate(divide="ignore"):  # a lost bet of all there is
            return np.asarray(np.log(1.0 + np.sign(unit)))
    return np.asarray(math.log(2) - np.logaddexp(0.0, -2 * stake * unit))


def _log_order(is_chosen: npt.NDArray[np.bool_], odds: float) -> Floats:
    """Returns the log probability of an order of labels, drawn one by one without replacement.

    Args:
        is_chosen: Which of them belong to the side that comes first, shape (..., k).
        odds: Odds of each of its members against each of the others, at least 1.
    """
    n_chosen = np.cumsum(is_chosen[..., ::-1], axis=-1)[..., ::-1]  # left, this one included
    n_others = np.cumsum(~is_chosen[..., ::-1], axis=-1)[..., ::-1]
    if math.isinf(odds):
        is_in_order = (is_chosen | (n_chosen == 0)).all(axis=-1)
        return np.where(is_in_order, 0.0, -np.inf)
    weights = np.where(is_chosen, odds * n_chosen, n_others)
    return np.asarray((np.log(weights) - np.log(odds * n_chosen + n_others)).sum(axis=-1))
