"""From pairs to evidence: what the confirmation gate reads off its differences."""

import math
import statistics
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from filial import stats
from filial.core import LARGEST, Comparison, Metric, Noise, Pair
from filial.gates.rule import NEW_QUESTIONS, RANKS, Rule

UNKNOWN = Noise(sigma=0.0, n_values=0)
"""No calibration, or none that can be believed."""

_SMALLEST_SIGMA = 1 / LARGEST
_ROUNDING = 1e-12


def usable(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns the pairs in which both trials are usable.

    Where the incumbent failed, or the host, there is no difference to speak of: the pair is no
    gain and no loss. It still counts towards the most pairs a confirmation may take.
    """
    return tuple(p for p in pairs if p.incumbent.is_usable and p.challenger.is_usable)


def gains(metric: Metric, pairs: Sequence[Pair]) -> tuple[float, ...]:
    """Returns the paired gains of usable ``pairs``, in ``metric.unit``; positive is better."""
    return tuple(after - before for before, after in zip(*sides(metric, pairs), strict=True))


def sides(metric: Metric, pairs: Sequence[Pair]) -> tuple[list[float], list[float]]:
    """Returns the incumbent's and the challenger's values in usable ``pairs``, more is better.

    Values that differ by rounding, as sums in another order do, count as equal.
    """
    name = metric.name
    before = [metric.gain(0.0, pair.incumbent[name].value) for pair in pairs]
    after = [metric.gain(0.0, pair.challenger[name].value) for pair in pairs]
    is_same = [math.isclose(a, b, rel_tol=_ROUNDING) for a, b in zip(before, after, strict=True)]
    return before, [a if same else b for a, b, same in zip(before, after, is_same, strict=True)]


def discordant(metric: Metric, pairs: Sequence[Pair]) -> tuple[int, int] | None:
    """Returns on how many items the challenger passed alone, and on how many the incumbent.

    A question counts once, however often it was asked. None unless every item of ``pairs`` was
    passed (1) or failed (0) by both.
    """
    outcomes = _outcomes(metric, pairs)
    if not outcomes or not _are_passed_or_failed(outcomes):
        return None
    gained = [metric.gain(before, after) for before, after in outcomes]
    return sum(gain > 0 for gain in gained), sum(gain < 0 for gain in gained)


def log_e_of_bets(metric: Metric, pairs: Sequence[Pair], margin: float) -> float:
    """Returns log E against "items gain -margin on average", by bets on single items.

    Exact for items of any law within known limits: rare disasters and few items, too. Those limits
    are the metric's; or 0 and 1 where all items were passed or failed.

    Returns:
        Infinity, as if nobody had asked, where there are no limits or no items.
    """
    outcomes = _outcomes(metric, pairs)
    span = metric.highest - metric.lowest
    if outcomes and not math.isfinite(span) and _are_passed_or_failed(outcomes):
        span = 1.0
    if not outcomes or not margin < span < math.inf:
        return math.inf
    gained = [min(max(metric.gain(a, b), -span), span) for a, b in outcomes]
    return float(stats.log_e_betting(gained, lowest=-span, highest=span, null=-margin))


def _outcomes(metric: Metric, pairs: Sequence[Pair]) -> list[tuple[float, float]] | None:
    """Returns the scores of both sides on each question, the first time it was asked."""
    outcomes: list[tuple[float, float]] = []
    seen: set[str] = set()
    for pair in pairs:
        before, after = pair.incumbent[metric.name], pair.challenger[metric.name]
        if not before.items:
            return None
        if len(before.items) != len(after.items) or before.questions != after.questions:
            return None
        is_new = [question not in seen for question in before.questions]
        seen.update(before.questions)
        scores = zip(before.items, after.items, is_new or [True] * len(before.items), strict=True)
        outcomes += [(a, b) for a, b, new in scores if new]
    return outcomes


def _are_passed_or_failed(outcomes: Sequence[tuple[float, float]]) -> bool:
    return {score for both in outcomes for score in both} <= {0.0, 1.0}


def with_new_questions(metric: Metric, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns the pairs most of whose questions were not asked in earlier ones.

    An artifact is judged by its answers to fresh questions: the same ones again say nothing new.
    """
    seen: set[str] = set()
    fresh: list[Pair] = []
    for pair in pairs:
        asked = pair.challenger[metric.name].questions
        n_new = sum(question not in seen for question in asked)
        if n_new >= NEW_QUESTIONS * len(asked):
            fresh.append(pair)
        seen.update(asked)
    return tuple(fresh)


def item_error(metric: Metric, pair: Pair) -> float:
    """Returns the standard error of the gain of one pair, from its items; infinite without any."""
    before, after = pair.incumbent[metric.name].items, pair.challenger[metric.name].items
    if len(before) != len(after) or len(before) < 2:
        return math.inf
    gained = [metric.gain(a, b) for a, b in zip(before, after, strict=True)]
    return statistics.stdev(gained) / math.sqrt(len(gained))


def continued(
    counts: tuple[int, int], n: int, n_more: int, *, errors: float = 0.0
) -> tuple[int, int]:
    """Returns the discordant items of ``n`` pairs and of ``n_more`` that go on like them.

    Args:
        counts: Items that only the challenger passed, and only the incumbent, in ``n`` pairs.
        n: Pairs so far, at least 1.
        n_more: Pairs to come.
        errors: Standard errors by which the challenger is to win more of them than so far.
    """
    n_better, n_worse = counts
    n_items = max(n_better + n_worse, 1)
    share = min(1.0, (n_better + 1) / (n_better + n_worse + 2) + errors / 2 / math.sqrt(n_items))
    n_new = n_items * n_more / n
    n_won = round(share * n_new)
    return n_better + n_won, n_worse + round(n_new) - n_won


def is_known(noise: Noise) -> bool:
    """Whether there is a calibration, and a spread in it whose square is not 0."""
    return noise.n_values >= 2 and noise.sigma >= _SMALLEST_SIGMA


def believed(differences: Sequence[float], noise: Noise, rule: Rule) -> Noise:
    """Returns the A/A noise, or ``UNKNOWN`` if there is none or the pairs refute it.

    They refute it when, from ``min_pairs`` on, their own spread exceeds ``spread_ratio`` sigma:
    the challenger is noisier than the tree on which the noise was measured.
    """
    if not is_known(noise):
        return UNKNOWN
    refuted = len(differences) >= rule.min_pairs and bool(_refutes(differences, noise, rule))
    return UNKNOWN if refuted else noise


def spread(differences: Sequence[float], noise: Noise) -> tuple[float, int]:
    """Returns sigma of one difference pooled over calibration and pairs, and its dof, maybe 0."""
    if _dof(noise) + len(differences) < 2:
        return 0.0, 0
    return stats.pooled_sd(differences, prior_ss=_sum_of_squares(noise), prior_dof=_dof(noise))


def log_evidence(
    before: npt.ArrayLike, after: npt.ArrayLike, noise: Noise, rule: Rule
) -> stats.Floats:
    """Returns log E against "no gain" from trials of pairs, more is better.

    The lesser of two processes, so that a promotion has to convince both. One judges the mean
    paired gain against the pooled spread; it knows about challengers that are noisier than what
    they face, and about pairs that share their luck. The other judges the order of all values, or
    the signs of differences, and holds whatever the tails of the noise: no single trial, lucky or
    unlucky, decides anything. Taking a minimum never adds false claims.

    Args:
        before: The incumbent's values, shape (..., n).
        after: The challenger's, same shape.
        noise: A/A spread of a paired difference.
        rule: The rule.

    Returns:
        Shape (...).
    """
    x, y = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    by_rank = stats.log_e_ranks(x, y) + math.log(RANKS)
    by_sign = stats.log_e_symmetric(y - x) + math.log(1 - RANKS)
    return np.minimum(log_evidence_of_mean(y - x, noise, rule), np.logaddexp(by_rank, by_sign))


def log_evidence_of_mean(differences: npt.ArrayLike, noise: Noise, rule: Rule) -> stats.Floats:
    """Returns log E against "the mean gain is zero", shape (...), from shape (..., n).

    The safe t process on the pooled spread; without calibration, on the pairs' own. Where the
    pairs refute the A/A noise, the lesser of the two.
    """
    values = np.asarray(differences, dtype=np.float64)
    if not is_known(noise):
        return stats.log_e_safe_t(values)
    log_e = stats.log_e_safe_t(values, prior_ss=_sum_of_squares(noise), prior_dof=_dof(noise))
    if values.shape[-1] < rule.min_pairs:
        return log_e
    alone = np.minimum(log_e, stats.log_e_safe_t(values))
    return np.where(_refutes(values, noise, rule), alone, log_e)


def log_evidence_on_items(
    gained: npt.ArrayLike,
    counts: tuple[npt.ArrayLike, npt.ArrayLike] | None,
    rule: Rule,
    bets: float = math.inf,
) -> stats.Floats:
    """Returns log E against "no gain" from trials of an artifact on fresh items, shape (...).

    The lesser of two processes. One judges the items on which the sides differ, where each was
    passed or failed; else the mean gain of trials and, where items have limits, bets on each item.
    The other judges the signs of whole trials: an artifact that tosses a coin when it starts is
    right or wrong on all items of a trial together, and however many they are, they are one toss.

    Args:
        gained: Gains of trials, more is better, shape (..., n).
        counts: Items that only the challenger passed, and only the incumbent, shape (...).
        rule: The rule.
        bets: Log E of bets on single items, for want of ``counts``.
    """
    if counts is not None:
        told = stats.log_e_discordant(*counts)
    else:
        told = np.minimum(log_evidence_of_mean(gained, UNKNOWN, rule), bets)
    return np.minimum(told, stats.log_e_symmetric(gained))


def log_evidence_if_won(gained: npt.ArrayLike, n_more: int) -> stats.Floats:
    """Returns log E of the signs of trials, shape (...), if all to come are won.

    Args:
        gained: Gains of trials so far, at least one, shape (..., n).
        n_more: Trials to come, each taken to be as far from 0 as they were on average.
    """
    values = np.asarray(gained, dtype=np.float64)
    usual = np.abs(values).mean(axis=-1, keepdims=True)
    won = np.repeat(usual, n_more, axis=-1)
    return stats.log_e_symmetric(np.concatenate([values, won], axis=-1))


def compare(
    metric: Metric, differences: tuple[float, ...], noise: Noise, rule: Rule, log_e: float
) -> Comparison | None:
    """Returns the evidence on ``metric``, or None where the spread is unknown."""
    if not differences:
        return None
    calibration = believed(differences, noise, rule)
    sigma, dof = spread(differences, calibration)
    if dof < 1:
        return None
    n = len(differences)
    mean = math.fsum(differences) / n
    lower, upper = stats.mean_interval(
        differences, prior_ss=_sum_of_squares(calibration), prior_dof=_dof(calibration)
    )
    return Comparison(
        metric=metric.name,
        differences=differences,
        estimate=stats.shrink(mean, sigma, n, _effect_spread(mean, sigma, n)),
        lower=lower,
        upper=upper,
        e_value=math.exp(min(log_e, 700.0)),
    )


def _effect_spread(mean: float, sigma: float, n: int) -> float:
    """Spread of true effects: the default, or what this one effect says where that is more.

    Without it a gain of twenty sigma would be shrunk by a tenth, out of its own interval.
    """
    return max(stats.TAU_SIGMAS * sigma, math.sqrt(max(0.0, mean**2 - sigma**2 / n)))


def _refutes(differences: npt.ArrayLike, noise: Noise, rule: Rule) -> npt.NDArray[np.bool_]:
    values = np.asarray(differences, dtype=np.float64)
    return np.asarray(values.std(axis=-1, ddof=1) > rule.spread_ratio * noise.sigma)


def _dof(noise: Noise) -> int:
    return max(noise.n_values - 1, 0)


def _sum_of_squares(noise: Noise) -> float:
    return _dof(noise) * noise.sigma**2
