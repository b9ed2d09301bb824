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
    spreads = [_item_variance(one[name].items, other[name].items) for one, other in pairs]
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

    Args:
        metric: The primary metric.
        history: The study's state.
        n_items: Different items the sealed split has; 0 if they are drawn without end.

    Raises:
        StudyError: The bound on what was fitted exceeds half the smallest effect of interest.
    """
    bound = stats.panel_bound(history, n_items)
    allowed = stats.panel_allowance(metric, history)
    if bound is not None and allowed is not None and bound > allowed:
        raise StudyError(
            f"the sealed panel of {n_items} items is used up: what one more look could have "
            f"leaked, {bound:.3g} {metric.unit}, is more than half the smallest effect; give the "
            "exam new sealed items, in a new study"
        )


def _item_variance(before: Sequence[float], after: Sequence[float]) -> float:
    if len(before) != len(after) or len(before) < 2:
        return 0.0
    return statistics.variance(b - a for a, b in zip(before, after, strict=True))
