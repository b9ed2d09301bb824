"""How noisy a study is: the initial code against itself, before anything else is judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import Budget, Calibrated, CalibrationPlanned, Judged, Metric, Noise, Spend, Trial
from filial.errors import CodeError
from filial.gates.base import Gate

MAX_TRIALS = 40
_SHARE = 0.10
_N_FRESH = 3


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
        n_trials = int(_SHARE / share) if share else MAX_TRIALS
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

        Three, so that one is typical; what is exact has no lucky seeds and needs but one.
        """
        n_fresh = 1 if self.judged is Judged.CONSTRUCTION else _N_FRESH
        first = MAX_TRIALS + (generation - 1) * n_fresh
        return range(first, first + n_fresh)

    def renew(
        self, generation: int, noise: Noise, trials: Sequence[Trial], before: int
    ) -> Calibrated:
        """Returns the dev seed of a new generation: where its incumbent is most typical.

        Args:
            generation: Its number, from 1.
            noise: F0's A/A noise, which remains.
            trials: The incumbent's on ``fresh_seeds(generation)``.
            before: Number of the dev seed so far, kept if the incumbent failed on all others.
        """
        median_k = self._median(trials, self.fresh_seeds(generation))
        return Calibrated(
            noise=noise,
            screen_k=before if median_k is None else median_k,
            generation=generation,
        )

    def _median(self, trials: Sequence[Trial], seeds: Sequence[int]) -> int | None:
        """Returns the seed of the median value; None if no trial has a usable one."""
        name = self.primary.name
        usable = sorted(
            (trial[name].value, k)
            for k, trial in zip(seeds, trials, strict=True)
            if trial.is_usable
        )
        return usable[(len(usable) - 1) // 2][1] if usable else None
