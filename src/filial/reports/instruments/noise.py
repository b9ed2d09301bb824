"""How much identical candidates differ, and whether that changes while a study runs."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import History, Judged, Metric, Noise, Split, Standing
from filial.reports import readings
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import Scale, count, share
from filial.reports.rates import rate_bound

_TITLE = "Noise"
_FEWEST = 5  # A/A values from which the interval is narrow enough to plan with
_ALPHA = 0.001  # of a drift test: it is looked at again and again
_LISTED = 4  # generations whose own sigma is listed; of more only the ends are
_BLOCKS = 200  # of values, more make a test of their order slow


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseReading:
    """The A/A noise.

    Attributes:
        sigma: Standard deviation of a paired difference, in the primary metric's unit; None where
            it is unknown.
        lower: Lower end of its 95 % interval, same unit; None if there is none.
        upper: Upper end.
        n_values: A/A values behind it.
        n_generations: Generations on which it was measured.
        measured: Number of each generation with at least two A/A values of its own, the sigma that
            these alone give, and how many they are.
        has_changed: Whether spreads of generations differ beyond chance.
        is_renewed: Whether a later generation has a sigma of its own.
        trending: Numbers of generations whose own values rise or fall with time.
    """

    sigma: float | None
    lower: float | None
    upper: float | None
    n_values: int
    n_generations: int
    measured: tuple[tuple[int, float, int], ...]
    has_changed: bool
    is_renewed: bool
    trending: tuple[int, ...]


def read(subject: Subject) -> NoiseReading:
    """Returns what is known about the noise, with two tests of drift.

    One asks whether the A/A values of some generation spread more than those of others; one
    whether an incumbent's values in confirmations rise or fall with time. Its code is fixed.

    What this does not cover: a change that hits both sides of each pair alike does no harm to
    verdicts, and is an alarm all the same. Few values show only gross changes.
    """
    from filial.stats import has_trend, spread_changed  # noqa: PLC0415 - scipy is slow to import

    history, primary = subject.history, subject.primary
    latest = history.noise or Noise(sigma=0.0, n_values=0)
    is_known = latest.n_values >= 2
    lower, upper = sigma_interval(latest) if is_known else (None, None)
    believed = [n.sigma for n in history.noises.values() if n.n_values >= 2]
    aa_values = [
        _aa_values(history.standings[g.candidate], history, primary) for g in history.generations
    ]
    later = [_blocks(values) for _, values in subject.values]
    tested = max(1, sum(len(values) >= 5 for values in later))
    return NoiseReading(
        sigma=latest.sigma if is_known else None,
        lower=lower,
        upper=upper,
        n_values=latest.n_values,
        n_generations=len(believed),
        measured=tuple(
            (number, math.sqrt(2) * statistics.stdev(values), len(values))
            for number, values in enumerate(aa_values)
            if len(values) >= 2
        ),
        has_changed=spread_changed(aa_values),
        is_renewed=len({*believed}) > 1,
        trending=tuple(
            k for k, values in enumerate(later) if has_trend(values, alpha=_ALPHA / tested)
        ),
    )


def sigma_interval(noise: Noise) -> tuple[float, float]:
    """Returns the 95 % interval of sigma, from at least two normal values.

    What this does not cover: heavy tails, which make the true interval wider.
    """
    from scipy.special import gammaincinv  # noqa: PLC0415 - scipy is slow to import

    dof = noise.n_values - 1
    low, high = (2 * float(gammaincinv(dof / 2, p)) for p in (0.025, 0.975))
    return noise.sigma * math.sqrt(dof / high), noise.sigma * math.sqrt(dof / low)


def _aa_values(standing: Standing, history: History, primary: Metric) -> list[float]:
    """Returns a generation's values on dev seeds, without the one on which it was picked."""
    faced = standing.verdict.incumbent if standing.verdict else ""
    picked = f"dev/{history.screen_seed(faced)}" if faced else ""
    return [
        value
        for label, trial in standing.trials.items()
        if trial.spec.split is Split.DEV and "@" not in label and label != picked
        if (value := readings.value_of(trial, primary)) is not None
    ]


def _blocks(values: Sequence[float]) -> list[float]:
    """Returns means of at most 200 blocks of equal size, in order."""
    size = max(1, math.ceil(len(values) / _BLOCKS))
    whole = len(values) - len(values) % size
    return [math.fsum(values[i : i + size]) / size for i in range(0, whole, size)]


def noise(subject: Subject) -> Check:
    """Returns whether the A/A noise is known, and whether it stayed the same."""
    found = read(subject)
    is_exact = subject.terms.judged is Judged.CONSTRUCTION
    state, remedy = State.HELD, ""
    if found.trending or (found.has_changed and not found.is_renewed):
        state = State.FAILED
        remedy = "Find what changes with time: load, temperature, a cache, a disk that fills."
    elif found.n_values < _FEWEST and not is_exact:
        state = State.OPEN
        remedy = (
            "Calibration may use a tenth of the budget: a larger one, or faster trials, give "
            f"{_FEWEST} values and more."
        )
    text = "An exact construction has no noise: its worth is recomputed, twice."
    if not is_exact:
        text = f"{_sigma(found, subject)} {_drift(found)}"
    return Check(
        key="noise",
        title=_TITLE,
        state=state,
        text=text,
        remedy=remedy,
        is_essential=True,
        numbers=numbers_of(found),
    )


def _sigma(found: NoiseReading, subject: Subject) -> str:
    scale, n = subject.scale, found.n_values
    if found.sigma is None or found.lower is None:
        values = "a single A/A value says" if n == 1 else "no A/A values say"
        return f"Sigma is unknown: {values} nothing about the spread."
    if found.sigma == 0:
        differing = rate_bound(n - 1, 0) or 1.0
        return f"All {count(n)} A/A values are equal: at most {share(differing)} of trials differ."
    sigma = scale.with_unit(scale.value(found.sigma))
    interval = scale.interval(found.lower, found.upper)
    text = f"A pair of equal candidates differs by sigma {sigma}, 95 % interval {interval}"
    text += f", from {count(n)} A/A values"
    if len(found.measured) > 1:
        text += f". Each generation alone gave {_each(found.measured, scale)}"
    return text + "."


def _each(measured: Sequence[tuple[int, float, int]], scale: Scale) -> str:
    """Returns what each generation measured by itself; of many only the least and the most."""
    ends = min(measured, key=lambda m: m[1]), max(measured, key=lambda m: m[1])
    joint = ", " if len(measured) <= _LISTED else " to "
    shown = measured if len(measured) <= _LISTED else ends
    return joint.join(f"{scale.value(sd)} (F{k}, {n} values)" for k, sd, n in shown)


def _drift(found: NoiseReading) -> str:
    if found.trending:
        names = ", ".join(f"F{k}" for k in found.trending)
        return f"Values of {names} drift with time, though the code is fixed."
    if found.has_changed and not found.is_renewed:
        return "Generations differ in their spread, and one sigma was believed for all."
    if found.has_changed:
        return "Generations differ in their spread; each is judged by its own."
    return "Neither spread nor level has been seen to drift."
