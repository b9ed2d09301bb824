"""Whether the same code, examined twice with the same seed, comes out the same."""

from collections.abc import Iterator, Sequence

from filial.core import Finding, Metric
from filial.exams.audit.subject import error, note, warning
from filial.stats import mean_interval

CONFIDENCE = 0.999  # of one test: an exam without fault is blamed once in a thousand audits
_LEAST_PAIRS = 5
CHECK = "A/A pairs"


def check_pairs(
    metric: Metric, pairs: Sequence[tuple[float, float]], *, is_metered: bool
) -> Iterator[Finding]:
    """Yields whether the second of two equal trials differs, and whether scores drift.

    Args:
        metric: The primary metric.
        pairs: Its values in first and second trials with the same seed, in the order of time.
        is_metered: Whether the value is metered, so that a warm machine may well be faster.
    """
    if not pairs:
        yield note(CHECK, "none were run; calibration measures the noise")
        return
    gains = [metric.gain(first, second) for first, second in pairs]
    if not any(gains):
        yield note(
            CHECK,
            f"{len(pairs)} seeds, examined twice each, gave equal scores: the exam is "
            "deterministic given the code and the seed",
        )
        return
    if len(pairs) < _LEAST_PAIRS:
        yield note(CHECK, f"{len(pairs)} pairs differ, too few to test for drift")
        return
    mean = sum(gains) / len(gains)
    spread = f"a second trial scores {mean:+.4g} {metric.unit} on average".rstrip()
    found = False
    if _is_off(gains, metric.smallest_effect):
        found = True
        blame = warning if is_metered else error
        yield blame(
            CHECK,
            f"{spread} ({len(pairs)} pairs of the same code and seed): what was examined before "
            "shows in the score",
            "keep nothing from one exam to the next: no files, no globals, no caches",
        )
    slope = _drift(pairs)
    if slope is not None and abs(slope) * (len(pairs) - 1) > metric.smallest_effect:
        found = True
        yield warning(
            CHECK,
            f"scores of the same code drift by {slope:+.4g} {metric.unit} a pair",
            "look for state that grows, or for a machine that slows down or speeds up",
        )
    if not found:
        yield note(CHECK, f"{len(pairs)} pairs: no drift; {spread}")


def _is_off(gains: Sequence[float], effect: float) -> bool:
    lower, upper = mean_interval(gains, level=CONFIDENCE)
    return not lower <= 0 <= upper and abs(sum(gains) / len(gains)) > effect


def _drift(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Returns the slope of the pairs' means, or None if chance explains it.

    Source: least squares, with a t test of the slope.
    """
    from scipy.stats import linregress  # noqa: PLC0415 - slow to import

    means = [(first + second) / 2 for first, second in pairs]
    if max(means) == min(means):
        return None
    fit = linregress(range(len(means)), means)
    return float(fit.slope) if fit.pvalue < 1 - CONFIDENCE else None
