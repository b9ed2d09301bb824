"""From a case to a verdict: fresh pairs, one at a time, until the gate decides."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from filial.core import (
    Budget,
    Decision,
    EvidenceBought,
    Pair,
    Spend,
    Verdict,
)
from filial.executors.base import Executor
from filial.gates.base import Case, Gate, park
from filial.journal import Journal
from filial.schedule import Schedule

_SHARE = 0.25  # of what is left below each ceiling: what more evidence may cost at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirming:
    """Confirms challengers.

    Attributes:
        schedule: Writes trial specs.
        journal: The study's memory.
        executor: Runs trials.
        gate: Decides what counts as a gain.
        budget: Ceilings; more evidence may cost a share of what is left.
        is_exhausted: Whether one of them is reached.
        check: Called between steps; raises ``Stopped`` when somebody asked for it.
    """

    schedule: Schedule
    journal: Journal
    executor: Executor
    gate: Gate
    budget: Budget
    is_exhausted: Callable[[], bool]
    check: Callable[[], None]

    def verdict(self, case: Case) -> Verdict | None:
        """Returns the verdict on a case, or None if the budget ran out: the next run goes on."""
        while True:
            self.check()
            if self.is_exhausted():
                return None
            if case.incumbent != self._opponent(case):
                return park(case, self.gate.policy)
            case = replace(case, pairs=(*case.pairs, self._pair(case)))
            verdict = self.gate.judge(case)
            if verdict is None:
                continue
            if verdict.decision is Decision.PROMOTE:
                return self._replicate(case, verdict)
            bought = self._buy(case, verdict)
            if bought is None:
                return verdict
            case = replace(case, n_bought=case.n_bought + bought.n_pairs)

    def _opponent(self, case: Case) -> str:
        """Returns who is to be faced: an incident may have made the incumbent void meanwhile."""
        history = self.journal.history
        return history.opponent_of(history.standings[case.challenger].candidate.arm)

    def _pair(self, case: Case) -> Pair:
        """Runs incumbent and challenger on the same fresh seeds, in alternating order."""
        k = len(case.pairs)
        sides = (case.incumbent, case.challenger)[:: -1 if k % 2 else 1]
        specs = [self.schedule.confirm(side, case.challenger, k) for side in sides]
        trials = {t.spec.candidate: t for t in self.journal.trials(specs, self.executor)}
        return Pair(incumbent=trials[case.incumbent], challenger=trials[case.challenger])

    def _replicate(self, case: Case, verdict: Verdict) -> Verdict:
        """Builds a challenger from source again before anything rests on it."""
        numbers = range(self.gate.n_replications)
        specs = [self.schedule.replicate(case.challenger, k) for k in numbers]
        trials = tuple(self.journal.trials(specs, self.executor))
        return self.gate.replicate(case, verdict, trials)

    def _buy(self, case: Case, verdict: Verdict) -> EvidenceBought | None:
        """Puts more pairs on record if an undecided case deserves them and they are affordable."""
        if verdict.decision is not Decision.UNDECIDED:
            return None
        n_pairs = self.gate.more_pairs(case)
        if n_pairs == 0:
            return None
        bought = EvidenceBought(
            candidate=case.challenger,
            n_pairs=n_pairs,
            reason=f"{verdict.reason}; at the mean gain so far {n_pairs} more would be enough",
        )
        # Ceilings may have changed meanwhile: what was bought was affordable then.
        is_replaying, was_bought = self.journal.is_replaying, self.journal.is_next(EvidenceBought)
        if was_bought or (not is_replaying and self._is_affordable(case, n_pairs)):
            return self.journal.decide(bought)
        return None

    def _is_affordable(self, case: Case, n_pairs: int) -> bool:
        trials = [trial for pair in case.pairs for trial in (pair.incumbent, pair.challenger)]
        share = n_pairs / len(case.pairs)
        cost = Spend(
            wall_s=share * sum(trial.spend.wall_s for trial in trials),
            cpu_s=share * sum(trial.spend.cpu_s for trial in trials),
            trials=2 * n_pairs,
        )
        return self.budget.left(self.journal.history.spend).used(cost) <= _SHARE
