"""A first look at candidates, which may only reject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from filial.core import Candidate, Split, VerdictReached
from filial.executors.base import Executor
from filial.gates.base import Case, Gate, baseline_of
from filial.journal import Journal
from filial.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """Runs one dev trial of each candidate, on the seed that its opponent was tried on.

    Every generation has a dev seed of its own. What a proposer has learned about dev items from
    scores and error texts is worth nothing once somebody was promoted.

    Attributes:
        schedule: Writes trial specs.
        journal: The study's memory.
        executor: Runs trials.
        gate: Decides who is rejected.

    What this does not cover: proposers that learn the dev items within one generation. Their
    candidates pass the screen and fail the confirmation, which costs trials but no error budget
    beyond its share.
    """

    schedule: Schedule
    journal: Journal
    executor: Executor
    gate: Gate

    def cases(self, batch: Sequence[Candidate], blank: Case) -> list[Case]:
        """Returns the cases of a batch that were not rejected, most promising first."""
        history = self.journal.history
        opponents = [history.opponent_of(candidate.arm) for candidate in batch]
        seeds = [history.screen_seed(opponent) for opponent in opponents]
        specs = [self.schedule.dev(c.id, k) for c, k in zip(batch, seeds, strict=True)]
        trials = list(self.journal.trials(specs, self.executor))
        passed: list[tuple[float, Case]] = []
        for candidate, opponent, trial in zip(batch, opponents, trials, strict=True):
            case = replace(
                blank,
                challenger=candidate.id,
                incumbent=opponent,
                baseline=self._baseline(opponent, blank),
            )
            faced = history.standings[opponent].trials[trial.spec.label]
            verdict = self.gate.screen(case, faced, trial)
            if verdict is None:
                passed.append((case.gain(faced, trial), case))
            else:
                made = partial(VerdictReached, verdict=verdict, arm=candidate.arm)
                self.journal.once(VerdictReached, made)
        passed.sort(key=lambda entry: -entry[0])
        return [case for _, case in passed]

    def _baseline(self, opponent: str, blank: Case) -> Mapping[str, tuple[float, ...]]:
        """Returns F0's guard values in confirmations, unless it is F0 that is challenged."""
        history = self.journal.history
        first = history.generations[0].candidate
        if opponent == first:
            return {}
        trials = history.standings[first].trials.values()
        confirm = (trial for trial in trials if trial.spec.split is Split.CONFIRM)
        return baseline_of(blank.guards, confirm)
