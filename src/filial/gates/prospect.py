"""What the confirmation gate could promote at best: how many pairs that takes at least."""

import math

from filial.core import Judged, Noise
from filial.gates import evidence
from filial.gates.rule import Rule

_FAR_SIGMAS = 1e6  # a gain beyond all doubt
_MANY_ITEMS = 10**6
_QUIET = Noise(sigma=1.0, n_values=40)


def best_log_evidence(n: int, judged: Judged, rule: Rule) -> float:
    """Returns the most log evidence that ``n`` equal gains can give, however large they are.

    For recipes every challenger lies a million sigma above every incumbent; for artifacts every
    trial is won, with all of a million items.

    Args:
        n: Pairs, at least one.
        judged: Recipes or artifacts; constructions need no evidence.
        rule: The gate's numbers.
    """
    gains = [_FAR_SIGMAS] * n
    if judged is Judged.ARTIFACT:
        return float(evidence.log_evidence_on_items(gains, (_MANY_ITEMS * n, 0), rule))
    return float(evidence.log_evidence([0.0] * n, gains, _QUIET, rule))


def fewest_pairs(judged: Judged, rule: Rule, alpha: float, most: int) -> int | None:
    """Returns how many pairs the largest of gains needs to be promoted.

    Args:
        judged: Recipes or artifacts.
        rule: The gate's numbers; its own ``max_pairs`` is no limit here.
        alpha: Error budget of the confirmation, positive.
        most: The most pairs to think of.

    Returns:
        Between ``rule.min_pairs`` and ``most``; None if that many are not enough.

    What this does not cover: gains that rise from pair to pair, for which one pair less may be
    enough where the threshold is only just missed; pairs bought beyond ``max_pairs``.
    """
    for n in range(rule.min_pairs, most + 1):
        if best_log_evidence(n, judged, rule) >= -math.log(alpha):
            return n
    return None
