"""How noisy a study is: the initial code against itself, before anything else is judged."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from filial import stats
from filial.core import (
    Budget,
    Calibrated,
    CalibrationPlanned,
    History,
    Judged,
    Metric,
    Noise,
    Spend,
    Trial,
)
from filial.errors import CodeError
from filial.gates.base import Gate

MAX_TRIALS = 40
SHARE = 0.10
"""Share of a budget that calibration may take."""

_N_FRESH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Plans and reads A/A trials.

    Attributes:
        budget: The study's ceilings, of which calibration may use a tenth.
        side_by_side: Trials that run at the same time.
        judged: Exact constructions have no noise, so one trial is enough for them.
        primary: The metric whose noise is measured.
        gate: Turns the trials into a noise estimate.
    """

    budget: Budget
    side_by_side: int
    judged: Judged
    primary: Metric
    gate: Gate

    def plan(self, first: Trial) -> CalibrationPlanned:
        """Returns how many trials to run in all, given what the first one cost."""
        if self.judged is Judged.CONSTRUCTION:
            return CalibrationPlanned(n_trials=1)
        wall_s = first.spend.wall_s / self.side_by_side
        cost = Spend(wall_s=wall_s, cpu_s=first.spend.cpu_s, trials=1, candidates=1)
        share = self.budget.used(cost)
        n_trials = int(SHARE / share) if share else MAX_TRIALS
        return CalibrationPlanned(n_trials=min(max(n_trials, 1), MAX_TRIALS))

    def conclude(self, trials: Sequence[Trial]) -> Calibrated:
        """Returns the noise, and the dev seed on which the initial code is most typical.

        On a seed where the initial code was lucky nothing would pass the screen; where it was
        unlucky, everything would.

        Raises:
            CodeError: Not one of the trials succeeded.
        """
        median_k = self._median(trials, range(len(trials)))
        if median_k is None:
            raise CodeError(f"the initial code failed every A/A trial: {trials[-1].failure}")
        return Calibrated(noise=self.gate.noise(self.primary, tuple(trials)), screen_k=median_k)

    def fresh_seeds(self, generation: int) -> range:
        """Returns the numbers of the dev seeds on which a new incumbent is tried, from F1 on.

        Four, so that one is typical and their spread says something about the noise; what is exact
        has no lucky seeds and needs but one.
        """
        n_fresh = 1 if self.judged is Judged.CONSTRUCTION else _N_FRESH
        first = MAX_TRIALS + (generation - 1) * n_fresh
        return range(first, first + n_fresh)

    def renew(self, generation: int, trials: Sequence[Trial], history: History) -> Calibrated:
        """Returns the noise and the dev seed of a new generation, where it is most typical.

        The noise is that of all generations together, within each. Where their spreads differ
        beyond chance, it is the new one's alone.

        Args:
            generation: Its number, from 1.
            trials: The new incumbent's on ``fresh_seeds(generation)``.
            history: The study's state; its earlier generations are already calibrated.
        """
        noise = history.noises[max(history.noises)]
        fresh = self.gate.noise(self.primary, tuple(trials))
        earlier = self._pooled(history)
        if stats.spread_changed([*earlier, _values(trials, self.primary)]):
            noise = fresh
        elif fresh.n_values > 1:
            noise = _pool(noise, fresh)
        median_k = self._median(trials, self.fresh_seeds(generation))
        before = history.screen_seeds[max(history.screen_seeds)]
        return Calibrated(
            noise=noise,
            screen_k=before if median_k is None else median_k,
            generation=generation,
        )

    def _pooled(self, history: History) -> list[list[float]]:
        """Returns the A/A values of the generations whose noise is pooled in the latest."""
        groups: list[list[float]] = []
        for number in sorted(history.noises, reverse=True):
            groups.append(_values(self._aa_trials(history, number), self.primary))
            if history.noises[number].n_values <= len(groups[-1]):
                break  # here a new spread began
        return groups

    def _aa_trials(self, history: History, generation: int) -> Iterator[Trial]:
        """Yields the dev trials on which a generation was calibrated."""
        seeds = self.fresh_seeds(generation) if generation else range(MAX_TRIALS)
        trials = history.standings[history.generations[generation].candidate].trials
        for k in seeds:
            if (trial := trials.get(f"dev/{k}")) is not None:
                yield trial

    def _median(self, trials: Sequence[Trial], seeds: Sequence[int]) -> int | None:
        """Returns the seed of the median value; None if no trial has a usable one."""
        name = self.primary.name
        usable = sorted(
            (trial[name].value, k)
            for k, trial in zip(seeds, trials, strict=True)
            if trial.is_usable
        )
        return usable[(len(usable) - 1) // 2][1] if usable else None


def _values(trials: Iterable[Trial], metric: Metric) -> list[float]:
    return [trial[metric.name].value for trial in trials if trial.is_usable]


def _pool(one: Noise, other: Noise) -> Noise:
    """Returns the noise of two groups of values, each around a mean of its own."""
    degrees = (max(one.n_values - 1, 0), other.n_values - 1)
    squares = degrees[0] * one.sigma**2 + degrees[1] * other.sigma**2
    return Noise(sigma=math.sqrt(squares / sum(degrees)), n_values=sum(degrees) + 1)
