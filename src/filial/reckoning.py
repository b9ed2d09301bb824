"""Claimed against realised: whether all promotions together are worth what they said."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from filial.comparison import check_panel, conclude, sealed_specs
from filial.core import (
    LEAST_REALISED,
    Audited,
    Budget,
    Decision,
    Generation,
    History,
    Incident,
    Metric,
    Trial,
    Verdict,
)
from filial.errors import ExamError, StudyError
from filial.executors.base import Executor
from filial.journal import Journal
from filial.schedule import Schedule

_MAX_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """Compares the incumbent with F0 every few promotions, on fresh seeds of the sealed split.

    Where less than ``LEAST_REALISED`` of the sum of claimed gains is found, the generation that
    did not hold up is searched for by bisection and an incident is opened: nothing more is
    promoted until a person has looked into it. Where the shortfall may be chance, more seeds are
    bought first.

    A reckoning is no step of the story: it depends on what is on record and on nothing else, so
    one that was cut off is due again, with new seeds.

    Attributes:
        schedule: Writes trial specs.
        journal: The study's memory.
        executor: Runs trials.
        budget: Ceilings; where one is reached the reckoning waits until it is raised.
        primary: The primary metric.
        every: Promotions between two reckonings; 0 for none.
        n_seeds: Fresh seeds for each side, at least 2.
        n_sealed_items: Different items the sealed split has; 0 if they are drawn without end.
        check: Called between rounds; raises ``Stopped`` when somebody asked for it.
    """

    schedule: Schedule
    journal: Journal
    executor: Executor
    budget: Budget
    primary: Metric
    every: int
    n_seeds: int
    n_sealed_items: int
    check: Callable[[], None]

    def settle(self) -> None:
        """Compares if that is due, and opens an incident if claims do not hold up.

        Raises:
            ExamError: The exam fails on the sealed split; it is due again at the next run.
        """
        history = self.journal.history
        if self.journal.is_replaying or not is_due(history, self.every, self.n_seeds):
            return
        lineage = history.sound_generations
        try:
            check_panel(self.primary, history, self.n_sealed_items)
        except StudyError:
            return  # the panel is used up, and every report says so
        try:
            found = self._compare(lineage)
            is_short = found is not None and _disappoints(history, lineage, found)
            incident = self._incident(lineage, found) if found and is_short else None
        except ExamError as error:
            raise ExamError(
                f"the exam fails on the sealed split, so F0 and F{lineage[-1].number} cannot be "
                f"compared, and neither is to blame: {error}; mend it in a copy of the study, or "
                "set oversight.audit_every = 0 to go on without comparisons"
            ) from error
        except StudyError as error:
            incident = self._open(lineage[-1], str(error))
        if incident is not None:
            self.journal.append(incident)

    def _compare(self, lineage: Sequence[Generation]) -> Audited | None:
        """Compares the ends of ``lineage``, with more seeds while the answer may be chance.

        Returns None if the budget ran out before there was an answer.
        """
        history, sides = self.journal.history, (lineage[0], lineage[-1])
        claim, first_look = claimed(history, lineage), history.spend.sealed_looks
        trials: list[Trial] = []
        for k in range(_MAX_ROUNDS):
            self.check()
            if self.budget.exhausted_by(history.spend) is not None:
                return None
            seeds = range(k * self.n_seeds, (k + 1) * self.n_seeds)
            specs = sealed_specs(self.schedule, sides, seeds, first_look)
            trials += self.journal.trials(specs, self.executor)
            found = conclude(self.primary, sides, _whole(trials, sides))
            if not falls_short(found, claim) or found.upper < claim:
                break
        return self.journal.append(found)

    def _incident(self, lineage: Sequence[Generation], whole: Audited) -> Incident | None:
        """Returns the incident that names the generation which did not hold up.

        Every part that is looked into has one that no incident has named.
        """
        history, found = self.journal.history, whole
        while len(lineage) > 2:
            middle = len(lineage) // 2
            first, second = lineage[: middle + 1], lineage[middle:]
            if not (_unnamed(history, first) and _unnamed(history, second)):
                lineage = first if _unnamed(history, first) else second
                continue
            part = self._compare(first)
            if part is None:
                return None
            found = part
            lineage = first if falls_short(found, claimed(history, first)) else second
        if (found.before, found.after) != (lineage[0], lineage[1]):
            part = self._compare(lineage)
            if part is None:
                return None
            found = part
        return self._open(found.after, self._detail(found, whole))

    def _open(self, generation: Generation, detail: str) -> Incident:
        number = len(self.journal.history.incidents) + 1
        return Incident(
            number=number, candidate=generation.candidate, label="", detail=detail, voids=False
        )

    def _detail(self, found: Audited, whole: Audited) -> str:
        """Returns what the incident says about the culprit that was ``found``."""
        culprit = self._balance(found)
        lineage = _between(self.journal.history, found)
        if falls_short(found, claimed(self.journal.history, lineage)):
            return f"F{found.after.number} did not hold up: {culprit}"
        # Chance, or a little missing from each: no single generation is to blame for sure.
        return (
            f"gains did not hold up: {self._balance(whole)}; the search ended at "
            f"F{found.after.number}, but {culprit}"
        )

    def _balance(self, found: Audited) -> str:
        history, metric = self.journal.history, self.primary
        claim = claimed(history, _between(history, found))
        n_seeds, realised = len(found.differences), statistics.fmean(found.differences)
        return (
            f"F{found.after.number} claimed {claim:.3g}{f' {metric.unit}'.rstrip()} over "
            f"F{found.before.number}, {n_seeds} fresh seeds found {realised:.3g}"
        )


def is_due(history: History, every: int, n_seeds: int) -> bool:
    """Returns whether F0 must be compared with the incumbent now.

    That is so when ``every`` promotions have passed since F0 was last compared on as many as
    ``n_seeds`` seeds, or when claims fell short then and no incident says so, because the process
    died before it could.
    """
    looks = [
        audit
        for audit in reversed(history.audits)
        if audit.before.number == 0 and 2 * len(audit.differences) > n_seeds
    ]
    latest = max(looks, key=lambda audit: audit.after.number, default=None)
    since = latest.after.number if latest is not None else 0
    n_since = sum(generation.number > since for generation in history.sound_generations)
    return every > 0 and (n_since >= every or (latest is not None and _is_open(history, latest)))


def claimed(history: History, lineage: Sequence[Generation]) -> float:
    """Returns the sum of the gains from the first of ``lineage`` to its last, as far as is known.

    Each generation claims its estimate; one that is only shorter claims it where it is clearly a
    gain, and nothing otherwise. One of which an incident says that it did not hold up claims
    nothing either, or the loss that was found when it was compared with the one before.
    """
    known = {
        reached.verdict.candidate: _claim(reached.verdict)
        for reached in history.verdicts
        if reached.verdict.decision is Decision.PROMOTE
    }
    unnamed = _unnamed(history, lineage)
    return math.fsum(
        known.get(after.candidate, 0.0)
        if after.candidate in unnamed
        else _loss(history, before, after)
        for before, after in pairwise(lineage)
    )


def _claim(verdict: Verdict) -> float:
    found = verdict.comparison
    return found.estimate if found is not None and (not verdict.margin or found.lower > 0) else 0.0


def _loss(history: History, before: Generation, after: Generation) -> float:
    looks = [audit for audit in history.audits if (audit.before, audit.after) == (before, after)]
    return min(0.0, statistics.fmean(looks[-1].differences)) if looks else 0.0


def _is_open(history: History, audit: Audited) -> bool:
    is_sound = audit.after.candidate not in history.voided
    return is_sound and _disappoints(history, _between(history, audit), audit)


def _disappoints(history: History, lineage: Sequence[Generation], found: Audited) -> bool:
    is_short = falls_short(found, claimed(history, lineage))
    return is_short and bool(_unnamed(history, lineage))


def _unnamed(history: History, lineage: Sequence[Generation]) -> set[str]:
    """Returns the promoted candidates of ``lineage`` that no incident is about."""
    named = {incident.candidate for incident in history.incidents}
    return {generation.candidate for generation in lineage[1:]} - named


def _between(history: History, audit: Audited) -> list[Generation]:
    span = range(audit.before.number, audit.after.number + 1)
    return [g for g in history.sound_generations if g.number in span]


def falls_short(found: Audited, claim: float) -> bool:
    """Returns whether less than ``LEAST_REALISED`` of a claimed gain was found again.

    Where programs were only made shorter and nothing is claimed, it must not be a loss, either;
    nor a larger one than is known of.
    """
    realised = statistics.fmean(found.differences)
    return found.upper < min(claim, 0.0) or (claim > 0 and realised < LEAST_REALISED * claim)


def _whole(trials: Sequence[Trial], sides: tuple[Generation, Generation]) -> list[Trial]:
    """Returns the trials of the pairs in which both sides are usable.

    Raises:
        ExamError: There are fewer than two, as answers of F0 are not scored: it has fewer than two
            usable trials, and the other side was not scored wherever F0 was not, and only there.
        StudyError: There are fewer than two for another reason.
    """
    pairs = list(zip(trials[::2], trials[1::2], strict=True))
    whole = [t for pair in pairs if all(t.is_usable for t in pair) for t in pair]
    if len(whole) < 4:
        n_usable = sum(one.is_usable for one, _ in pairs)
        broken = [pair for pair in pairs if not all(t.is_usable for t in pair)]
        if sides[0].number == 0 and n_usable < 2 and all(map(_is_unscored, chain(*broken))):
            raise ExamError(f"it scores no answers of F0, either: {broken[-1][0].failure}")
        failed = [trial for trial in trials if not trial.is_usable]
        last = failed[-1].failure or "a value is too large to reckon with"
        raise StudyError(
            f"F{sides[0].number} and F{sides[1].number} cannot be compared: {len(failed)} of "
            f"{len(trials)} trials on the sealed split failed, the last one with: {last}"
        )
    return whole


def _is_unscored(trial: Trial) -> bool:
    """Whether answers came, but no score: where that happens to F0, too, it is the exam."""
    return trial.failure is not None and trial.failure.is_unscored
