"""Two generations on fresh seeds of the sealed split: what a comparison runs and concludes."""

import statistics
from collections.abc import Sequence

from filial import stats
from filial.core import Audited, Generation, History, Metric, Split, Trial, TrialSpec
from filial.errors import StudyError
from filial.schedule import Schedule


def sealed_specs(
    schedule: Schedule, sides: tuple[Generation, Generation], seeds: range, first_look: int
) -> list[TrialSpec]:
    """Returns the specs of a comparison, both sides of each seed one after the other.

    Args:
        schedule: Writes trial specs.
        sides: The earlier and the later generation.
        seeds: Numbers of the seeds.
        first_look: Sealed looks before it; one that was cut off has used its seeds up.
    """
    return [schedule.sealed(side.candidate, first_look, k) for k in seeds for side in sides]


def conclude(
    metric: Metric, sides: tuple[Generation, Generation], trials: Sequence[Trial]
) -> Audited:
    """Returns what the trials of ``sealed_specs`` say about ``metric``."""
    pairs = list(zip(trials[::2], trials[1::2], strict=True))
    name = metric.name
    gains = tuple(metric.gain(one[name].value, other[name].value) for one, other in pairs)
    lower, upper = stats.mean_interval(gains)
    spreads = [_mean_square(one[name].items, other[name].items) for one, other in pairs]
    return Audited(
        before=sides[0],
        after=sides[1],
        split=str(Split.SEALED),
        differences=gains,
        lower=lower,
        upper=upper,
        item_variance=statistics.fmean(spreads),
    )


def check_panel(metric: Metric, history: History, n_items: int) -> None:
    """Refuses to look at a sealed panel that has been looked at too often.

    Each comparison lets out one bit: whether the gains held up. After many of them, a study that
    was steered by those bits may have fitted the panel.

    Args:
        metric: The primary metric.
        history: The study's state.
        n_items: Different items the sealed split has; 0 if they are drawn without end.

    Raises:
        StudyError: The bound on what was fitted exceeds half the smallest effect of interest.
    """
    looks = [audit for audit in history.audits if audit.split == Split.SEALED]
    smallest = metric.smallest_effect or (history.noise.sigma / 4 if history.noise else 0.0)
    if not n_items or not looks or not smallest:
        return
    variance = max(audit.item_variance for audit in looks)
    n_looks = len(looks) + 1
    bound = stats.leak_bound(n_items, n_looks, n_looks, variance=variance, span=0.0)
    if bound > smallest / 2:
        raise StudyError(
            f"the sealed panel of {n_items} items is used up after {len(looks)} looks: what one "
            f"more could have leaked, {bound:.3g} {metric.unit}, is more than half the smallest "
            "effect; give the exam new sealed items, in a new study"
        )


def _mean_square(before: Sequence[float], after: Sequence[float]) -> float:
    if len(before) != len(after) or len(before) < 2:
        return 0.0
    return statistics.fmean((b - a) ** 2 for a, b in zip(before, after, strict=True))
