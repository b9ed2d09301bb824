"""How noisy a study is: the initial code against itself, before anything else is judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import Budget, Calibrated, CalibrationPlanned, Judged, Metric, Spend, Trial
from filial.errors import CodeError
from filial.gates.base import Gate

MAX_TRIALS = 40
_SHARE = 0.10


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
        name = self.primary.name
        usable = sorted((t[name].value, k) for k, t in enumerate(trials) if not t.failure)
        if not usable:
            raise CodeError(f"the initial code failed every A/A trial: {trials[-1].failure}")
        _, median_k = usable[(len(usable) - 1) // 2]
        noise = self.gate.noise(self.primary, tuple(trials))
        return Calibrated(noise=noise, screen_k=median_k)
