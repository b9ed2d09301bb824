"""Error budgets over a stream of confirmations: how much evidence the next one needs.

A confirmation may promote when its E reaches 1/alpha, with the alpha it is given here.
"""

import math
import sys
from collections.abc import Sequence

OMEGA = 0.02
"""Share of the remaining budget that e-LORD spends on each confirmation."""

START = 0.25
"""Share of the budget that e-LORD has before the first promotion."""

_LOND_SUM = 2.109742801236892  # sum over k >= 2 of 1 / (k ln(k)^2)


def e_lord_alpha(
    spent: Sequence[tuple[float, bool]], *, fdr: float = 0.10, omega: float = OMEGA
) -> float:
    """Returns the alpha of the next confirmation under e-LORD.

    ``alpha_t = omega (budget - sum_{j<t} alpha_j / (R_{j-1} + 1)) (R_{t-1} + 1)``, with R_j the
    number of promotions among the first j. The budget is ``fdr``, and before the first promotion
    ``START`` of it: so many alphas add up to that, and so large at most is the chance of any
    promotion in a stream without gains, whatever the dependence. After it, each E must be valid
    given the past: fresh seeds and items.

    Args:
        spent: Alpha and "it was promoted" of each earlier confirmation, in order.
        fdr: False discovery rate to hold, as a share of promotions.
        omega: Share of the remaining budget to spend on this one.

    Returns:
        Alpha, positive: where the budget is used up, too small ever to be reached.

    Source: Zhang et al. 2025, arXiv 2506.01452.
    """
    n_promoted, terms = 0, []
    for alpha, promoted in spent:
        terms.append(-alpha / (n_promoted + 1))
        n_promoted += promoted
    left = math.fsum([fdr if n_promoted else START * fdr, *terms])
    return max(omega * left * (n_promoted + 1), sys.float_info.min)


def e_lond_alpha(spent: Sequence[tuple[float, bool]], *, fdr: float = 0.10) -> float:
    """Returns the alpha of the next confirmation under e-LOND, valid under any dependence.

    ``alpha_t = fdr gamma_t (R_{t-1} + 1)`` with ``gamma_t`` proportional to
    ``1 / ((t + 1) ln(t + 1)^2)``. For confirmations that share seeds or incumbent trials.

    Args:
        spent: Alpha and "it was promoted" of each earlier confirmation, in order.
        fdr: False discovery rate to hold, as a share of promotions.

    Returns:
        Alpha, positive.

    Source: Xu and Ramdas 2024, "Online multiple testing with e-values", arXiv 2311.06412.
    """
    n_promoted = sum(promoted for _, promoted in spent)
    return family_wise_alpha(spent, fwer=fdr) * (n_promoted + 1)


def family_wise_alpha(spent: Sequence[tuple[float, bool]], *, fwer: float = 0.05) -> float:
    """Returns the alpha of the next confirmation if no promotion at all may be false.

    ``alpha_t = fwer gamma_t`` with ``gamma_t`` proportional to ``1 / ((t + 1) ln(t + 1)^2)``. The
    alphas of all confirmations there will ever be add up to ``fwer``, whatever comes of them, so
    the chance of any false promotion is at most ``fwer`` under any dependence. Only confirmations
    spend; nothing is earned back.

    Args:
        spent: Alpha and "it was promoted" of each earlier confirmation, in order.
        fwer: Chance of any false promotion to hold.

    Returns:
        Alpha, positive.

    Source: Bonferroni 1936; Foster and Stine 2008 (alpha spending over a stream).

    What this does not cover: power late in a stream. The first confirmation needs E = 41, the
    100th 91,000.
    """
    k = len(spent) + 2
    return fwer / (_LOND_SUM * k * math.log(k) ** 2)
