"""Separate lines of descent, with restarts of the weakest."""

import heapq
from dataclasses import dataclass, field
from random import Random  # noqa: TID251 - seeded by the caller
from typing import NamedTuple

from filial.core import Arm, Decision, History, Metric, Standing, Verdict

P_INCUMBENT = 0.5


class _Member(NamedTuple):
    """A promising candidate; sorts best first, then oldest first.

    Attributes:
        cost: Minus its dev gain over a value of 0, in the metric's unit.
        number: Its proposal number.
        candidate: Its id.
    """

    cost: float
    number: int
    candidate: str


@dataclass(slots=True)
class _Island:
    """One line of descent.

    Attributes:
        since: Members proposed before this number belong to an earlier life.
        members: A heap of those since; some may have lost their promise since they were put in.
    """

    since: int = 0
    members: list[_Member] = field(default_factory=list)


class Islands:
    """Each proposal number belongs to one island in turn; an island breeds from its own best.

    Half of the time the parent is the incumbent, else the island's best candidate by its dev trial
    among those that passed the screen: promoted, undecided, or rejected in confirmation with a dev
    gain over what they faced. Every ``restart_every`` proposals the weakest island starts again
    from the incumbent.

    The islands are a fold over ``history.verdicts``, continued where the last call ended, so a
    call costs what is new. Another history is folded from its beginning.

    Source: Tanese 1989, "Distributed genetic algorithms"; restarts of the weakest as in
    Romera-Paredes et al. 2023, "Mathematical discoveries from program search" (Nature 625).

    Args:
        n_islands: How many, at least 1.
        restart_every: Proposals between restarts, at least 1.
        metric: The primary metric.
    """

    def __init__(self, n_islands: int, restart_every: int, metric: Metric) -> None:
        if n_islands < 1 or restart_every < 1:
            raise ValueError("n_islands and restart_every must be at least 1")
        self._n_islands = n_islands
        self._restart_every = restart_every
        self._metric = metric
        self._history: History | None = None
        self._n_folded = 0
        self._islands: list[_Island] = []
        self._next_restart = restart_every
        self._promising: set[str] = set()

    def select(self, history: History, seed: int) -> str:
        """Returns the incumbent, or the best of the next proposal's island."""
        if history is not self._history or len(history.verdicts) < self._n_folded:
            self._forget(history)
        for reached in history.verdicts[self._n_folded :]:
            self._take(reached.verdict, reached.arm, history)
        self._n_folded = len(history.verdicts)
        rng = Random(seed)  # noqa: S311 - not for cryptography
        best = self._best(self._islands[history.n_proposals % self._n_islands])
        is_void = best is not None and best.candidate in history.voided
        if best is None or is_void or rng.random() < P_INCUMBENT:
            return history.incumbent.candidate
        return best.candidate

    def _forget(self, history: History) -> None:
        self._history = history
        self._n_folded = 0
        self._islands = [_Island() for _ in range(self._n_islands)]
        self._next_restart = self._restart_every
        self._promising = set()

    def _take(self, verdict: Verdict, arm: Arm, history: History) -> None:
        standing = history.standings[verdict.candidate]
        index = standing.candidate.index
        while index >= self._next_restart:
            self._restart_weakest()
            self._next_restart += self._restart_every
        island = self._islands[index % self._n_islands]
        if arm is not Arm.TREATMENT or index < island.since:
            return
        # What is promising is remembered as of this verdict: the history may already hold later
        # ones, and folding it again must give the same islands.
        self._promising.discard(verdict.candidate)
        value = self._dev_value(standing, history.screen_seed(verdict.incumbent))
        if value is not None and self._passed(verdict, value, history):
            self._promising.add(verdict.candidate)
            cost = -self._metric.gain(0.0, value)
            heapq.heappush(island.members, _Member(cost, index, verdict.candidate))

    def _passed(self, verdict: Verdict, value: float, history: History) -> bool:
        """Whether a candidate with dev value ``value`` passed the screen, by ``verdict``."""
        if verdict.decision is not Decision.REJECT:
            return verdict.decision is not Decision.VOID
        trials = history.standings[verdict.candidate].trials.values()
        seed = history.screen_seed(verdict.incumbent)
        faced = self._dev_value(history.standings[verdict.incumbent], seed)
        return (
            verdict.alpha > 0
            and all(trial.failure is None for trial in trials)
            and faced is not None
            and self._metric.gain(faced, value) > 0
        )

    def _dev_value(self, standing: Standing, seed: int) -> float | None:
        """Returns the primary metric on the dev seed of that number, or None without it."""
        trial = standing.trials.get(f"dev/{seed}")
        if trial is None or trial.failure is not None:
            return None
        return trial[self._metric.name].value

    def _best(self, island: _Island) -> _Member | None:
        while island.members and island.members[0].candidate not in self._promising:
            heapq.heappop(island.members)
        return island.members[0] if island.members else None

    def _restart_weakest(self) -> None:
        settled = [(best, i) for i in self._islands if (best := self._best(i)) is not None]
        if len(settled) > 1:
            _, weakest = max(settled, key=lambda pair: pair[0].cost)
            weakest.since, weakest.members = self._next_restart, []
