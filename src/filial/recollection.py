"""What was tried so far, kept ready for the next proposer."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice, zip_longest

from filial.core import (
    Arm,
    Decision,
    Evidence,
    FailureGroup,
    FailureKind,
    History,
    Outcome,
    Standing,
    Step,
    Tried,
)
from filial.hindsight import Hindsight
from filial.retries import RETRY

N_TRIED = 160
"""The most entries of a selection: more lines than fit in any brief."""
N_EACH = 24
"""The most entries that one of the rules of selection adds."""

_N_LOOKED_AT = 2 * N_TRIED  # of each list
_NEAR = {
    Outcome.PASSED_SCREEN,
    Outcome.UNDECIDED,
    Outcome.NOT_CONFIRMED,
    Outcome.DECLINED,
}
_PROMOTED, _BEST, _RECENT, _SURPRISING, _NEARLY = "promoted", "best", "recent", "odd", "nearly"
_RULES = (_PROMOTED, _BEST, _RECENT, _SURPRISING, _NEARLY)


class Rankings:
    """Sorted lists of entries, each by a key of its own; an entry is in several of them.

    Adding and removing cost the logarithm of their lengths, but for moving memory.
    """

    def __init__(self) -> None:
        self._ranked: dict[Hashable, list[tuple[float, int]]] = {}

    def add(self, tried: Tried, parent: str) -> None:
        """Puts an entry where it belongs."""
        for name, key in _ranks(tried, parent):
            insort(self._ranked.setdefault(name, []), (key, tried.index))

    def remove(self, tried: Tried, parent: str) -> None:
        """Takes out an entry that was added just like this."""
        for name, key in _ranks(tried, parent):
            ranked = self._ranked[name]
            del ranked[bisect_left(ranked, (key, tried.index))]
            if not ranked:
                del self._ranked[name]

    def first(self, name: Hashable, n: int) -> list[int]:
        """Returns the numbers of the first ``n`` entries of a list, or of all of them."""
        return [index for _, index in self._ranked.get(name, ())[:n]]

    def length(self, name: Hashable) -> int:
        """Returns how many entries a list has."""
        return len(self._ranked.get(name, ()))


def _ranks(tried: Tried, parent: str) -> Iterator[tuple[Hashable, float]]:
    """Yields the lists that an entry belongs to, with the key that it has there."""
    gain, newest_first = tried.dev_gain, -float(tried.index)
    yield _RECENT, newest_first
    yield ("idea", tried.hypothesis), newest_first
    yield ("peer", parent), float("inf") if gain is None else -gain
    if tried.outcome is Outcome.PROMOTED:
        yield _PROMOTED, newest_first
    if tried.failure is not None:
        yield ("failure", tried.failure), newest_first
    if gain is None or tried.outcome is Outcome.VOID:
        return
    yield ("over", tried.faced), -gain
    if gain > 0:
        yield _BEST, -gain
    if tried.outcome in _NEAR:
        yield _NEARLY, -gain
    if tried.surprise is not None:
        yield _SURPRISING, -tried.surprise


class Recollection:
    """Follows a history and selects from it what tells a proposer most.

    A call costs what is new since the last one; another history is followed from its beginning,
    with the same result. Placebos, canaries and the control arm are kept out of it, for proposers
    must not learn what tests them. Second chances show only if they were promoted, because that
    an idea got one tells that its confirmation ended undecided.

    The selection goes round by turns: a promotion, a large dev gain, the latest, a large gap
    between prediction and measurement, a near miss, a proposal that edited the same parent. In
    each of these, only one of those counts that had the same hypothesis and came to the same end.

    Args:
        hindsight: Looks back at single proposals.
    """

    def __init__(self, hindsight: Hindsight) -> None:
        self._hindsight = hindsight
        self._forget(None)

    def evidence(self, history: History, parent: str) -> Evidence:
        """Returns what a proposer may know that is to edit ``parent``; but for the budget.

        Args:
            history: The study's state.
            parent: Id of the tree.
        """
        if not history.generations:
            return Evidence()
        self._follow(history)
        tried = tuple(self._selected(parent))
        standing = history.standings[parent]
        peers = set(self._rankings.first(("peer", parent), N_TRIED))
        return Evidence(
            tried=tried,
            peers=tuple(sorted(peers & {one.index for one in tried})),
            generations=tuple(
                self._step(generation.candidate, history)
                for generation in history.sound_generations
            ),
            n_tried={o: self._counts[o] for o in Outcome if self._counts[o]},
            failures=self._failures(),
            best=self._best(history),
            parent_generation=standing.generation,
            parent_value=self._hindsight.dev_value(standing, history),
            sigma=history.noise.sigma if history.noise else 0.0,
        )

    def _forget(self, history: History | None) -> None:
        self._history = history
        self._n_standings = self._n_refusals = self._n_verdicts = self._n_generations = 0
        self._open: set[str] = set()
        self._voided: set[str] = set()
        self._rankings = Rankings()
        self._entries: dict[int, tuple[Tried, str]] = {}
        self._counts: Counter[Outcome] = Counter()

    def _follow(self, history: History) -> None:
        """Takes into account what is new."""
        if history is not self._history or len(history.verdicts) < self._n_verdicts:
            self._forget(history)
        for proposed in history.refusals[self._n_refusals :]:
            failure = proposed.failure
            if proposed.arm is Arm.TREATMENT and failure is not None and failure.blames_candidate:
                self._put(self._hindsight.refused(proposed, failure), proposed.parent)
        dirty = self._touched(history)
        self._n_standings = len(history.standings)
        self._n_refusals = len(history.refusals)
        self._n_verdicts = len(history.verdicts)
        self._n_generations = len(history.generations)
        self._voided = set(history.voided)
        for candidate_id in dirty:
            self._look_at(history.standings[candidate_id], history)

    def _touched(self, history: History) -> set[str]:
        """Returns the ids of all candidates of which something new may be known."""
        arrived = islice(history.standings, self._n_standings, None)
        judged = (r.verdict.candidate for r in history.verdicts[self._n_verdicts :])
        promoted = (g.candidate for g in history.generations[self._n_generations :])
        return self._open.union(arrived, judged, promoted, history.voided - self._voided)

    def _look_at(self, standing: Standing, history: History) -> None:
        candidate = standing.candidate
        if candidate.index < 0 or candidate.arm is not Arm.TREATMENT:
            return
        is_final = standing.verdict is not None and not _is_awaited(standing)
        (self._open.discard if is_final else self._open.add)(candidate.id)
        if candidate.proposer != RETRY or standing.generation is not None:
            self._put(self._hindsight.tried(standing, history), candidate.parent)

    def _put(self, tried: Tried, parent: str) -> None:
        before = self._entries.get(tried.index)
        if before is not None:
            self._rankings.remove(*before)
            self._counts[before[0].outcome] -= 1
        self._entries[tried.index] = tried, parent
        self._rankings.add(tried, parent)
        self._counts[tried.outcome] += 1

    def _selected(self, parent: str) -> Iterator[Tried]:
        """Yields the selection, the most telling first."""
        names = (*_RULES, ("peer", parent))
        turns = [self._apart(self._rankings.first(name, _N_LOOKED_AT))[:N_EACH] for name in names]
        by_turns = (index for turn in zip_longest(*turns) for index in turn if index is not None)
        rest = self._rankings.first(_RECENT, _N_LOOKED_AT)
        for index in self._apart(chain(by_turns, rest))[:N_TRIED]:
            yield self._entry(index)

    def _apart(self, indices: Iterable[int]) -> list[int]:
        """Returns the numbers of those that do not repeat one before."""
        distinct: dict[tuple[str, Outcome], int] = {}
        for index in indices:
            tried, _ = self._entries[index]
            distinct.setdefault((tried.hypothesis, tried.outcome), index)
        return list(distinct.values())

    def _entry(self, index: int) -> Tried:
        tried, _ = self._entries[index]
        n_alike = self._rankings.length(("idea", tried.hypothesis)) - 1
        return replace(tried, n_alike=n_alike)

    def _failures(self) -> tuple[FailureGroup, ...]:
        groups = []
        for kind in FailureKind:
            n = self._rankings.length(("failure", kind))
            if n:
                (newest,) = self._rankings.first(("failure", kind), 1)
                groups.append(FailureGroup(kind=kind, n_proposals=n, newest=self._entry(newest)))
        return tuple(sorted(groups, key=lambda group: -group.n_proposals))

    def _best(self, history: History) -> Mapping[int, float]:
        best = {}
        for generation in history.generations:
            for index in self._rankings.first(("over", generation.number), 1):
                best[generation.number] = self._entries[index][0].dev_gain or 0.0
        return best

    def _step(self, candidate_id: str, history: History) -> Step:
        standing = history.standings[candidate_id]
        candidate = standing.candidate
        is_first = candidate.index < 0
        return Step(
            number=standing.generation or 0,
            index=candidate.index,
            hypothesis=candidate.hypothesis,
            dev_gain=None if is_first else self._hindsight.dev_gain(standing, history),
        )


def _is_awaited(standing: Standing) -> bool:
    """Whether oversight has yet to answer."""
    verdict = standing.verdict
    is_proven = verdict is not None and verdict.decision is Decision.PROMOTE
    return is_proven and standing.generation is None and standing.approval is None
