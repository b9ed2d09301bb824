"""What a rule achieved: in one stream, and on average over repeats."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One stream under one rule.

    Attributes:
        n_candidates: Candidates judged.
        n_promotions: Promotions.
        n_false: Promotions without a true gain.
        true_gain: Sum of the true gains of all promotions, losses included.
        claimed: Sum of the gains that were claimed for them.
        cost: Builds, or exams where an artifact is built once.
    """

    n_candidates: int
    n_promotions: int
    n_false: int
    true_gain: float
    claimed: float
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Averages over streams.

    Attributes:
        n_repeats: Streams.
        promotions: Promotions of a stream, mean.
        false_promotions: Those of them without a true gain, mean.
        fdr: Mean share of false promotions, a stream without promotions counting as 0.
        fdr_error: Standard error of that mean; 0 for one stream.
        spoilt: Share of streams with any false promotion.
        true_gain: Sum of true gains, mean.
        true_gain_error: Standard error of that mean.
        claimed_per_true: Claimed gain over true gain; None where there is no true gain.
        cost: Builds (or exams) a candidate, mean.
    """

    n_repeats: int
    promotions: float
    false_promotions: float
    fdr: float
    fdr_error: float
    spoilt: float
    true_gain: float
    true_gain_error: float
    claimed_per_true: float | None
    cost: float

    @classmethod
    def of(cls, tallies: Sequence[Tally]) -> "Score":
        """Returns the averages of at least one tally."""
        n = len(tallies)
        shares = [t.n_false / t.n_promotions if t.n_promotions else 0.0 for t in tallies]
        gains = [t.true_gain for t in tallies]
        fdr, fdr_error = _mean(shares)
        gain, gain_error = _mean(gains)
        total = math.fsum(gains)
        return cls(
            n_repeats=n,
            promotions=sum(t.n_promotions for t in tallies) / n,
            false_promotions=sum(t.n_false for t in tallies) / n,
            fdr=fdr,
            fdr_error=fdr_error,
            spoilt=sum(t.n_false > 0 for t in tallies) / n,
            true_gain=gain,
            true_gain_error=gain_error,
            claimed_per_true=math.fsum(t.claimed for t in tallies) / total if total > 0 else None,
            cost=sum(t.cost for t in tallies) / sum(t.n_candidates for t in tallies),
        )


def _mean(values: Sequence[float]) -> tuple[float, float]:
    """Returns the mean and its standard error."""
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return mean, 0.0
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    return mean, math.sqrt(variance / n)
