"""The world of artifacts that pass or fail items: a fixed pool that is used again, or fresh items.

A candidate answers some items otherwise than the incumbent. Even one that is no better fixes some
and breaks as many; on a pool that is used for every decision, luck of that kind adds up.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from filial.bench.confirming import N_FRESH, Confirmer, trial
from filial.bench.scores import Tally
from filial.bench.worlds import MIXED, chance
from filial.core import Decision, Judged, Pair, Trial
from filial.gates import Rule

Passed = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWorld:
    """A stream of artifacts and the exam they sit.

    Attributes:
        name: Identifier.
        title: What is the matter with it, for people.
        mix: Share of candidates with each effect. Effects are in standard errors of the difference
            on one exam, as they are for F0.
        n_items: Items of an exam, and of the pool.
        accuracy: Share of items that F0 passes.
        changed: Share of items on which a candidate without effect differs from F0.
        swing: Share of the items it could win that a candidate wins together, or else of those
            it could lose: by a coin that it tosses when it starts.
        n_values: A/A exams from which the noise is estimated.
        n_candidates: Length of the stream.
    """

    name: str
    title: str
    mix: tuple[tuple[float, float], ...] = MIXED
    n_items: int = 200
    accuracy: float = 0.5
    changed: float = 0.1
    swing: float = 0.0
    n_values: int = 20
    n_candidates: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a candidate differs from the incumbent.

    Attributes:
        fixes: Chance that it passes an item that the incumbent fails.
        breaks: Chance that it fails an item that the incumbent passes.
        effect: What it truly adds to the accuracy.
    """

    fixes: float
    breaks: float
    effect: float


def change(world: ItemWorld, accuracy: float, errors: float) -> Change:
    """Returns the change that a candidate makes to an incumbent.

    Args:
        world: The world.
        accuracy: The incumbent's, a share in (0, 1).
        errors: The effect in standard errors. A gain repairs a share of what is left to repair,
            and harm takes a share of what there is, so both shrink as there is less of it.
    """
    share = 2 * abs(errors) * math.sqrt(world.changed / world.n_items)
    fixes, breaks = 2 * world.changed * accuracy, 2 * world.changed * (1 - accuracy)
    if errors > 0:
        return Change(fixes=fixes + share, breaks=breaks, effect=(1 - accuracy) * share)
    return Change(fixes=fixes, breaks=breaks + share, effect=-accuracy * share)


class Examinees:
    """The incumbent and whoever challenges it.

    Args:
        world: Their world.
        rng: Their chance.

    Attributes:
        accuracy: The incumbent's true accuracy.
        n_exams: Exams so far.
    """

    def __init__(self, world: ItemWorld, rng: np.random.Generator) -> None:
        self.accuracy = world.accuracy
        self.n_exams = 0
        self._world, self._rng = world, rng

    def sit(self, accuracy: float) -> Passed:
        """Returns how an artifact of that accuracy does on fresh items, (n_items,)."""
        self.n_exams += 1
        return self._rng.random(self._world.n_items) < accuracy

    def challenge(self, incumbent: Passed, step: Change) -> Passed:
        """Returns how a challenger does on the items of that result, (n_items,)."""
        self.n_exams += 1
        rolls = self._rng.random(self._world.n_items)
        swing = self._world.swing
        won, lost = (swing, 0.0) if swing and self._rng.random() < 0.5 else (0.0, swing)
        return np.where(incumbent, rolls >= step.breaks + lost, rolls < step.fixes + won)


class ItemContest(Protocol):
    """One rule at work on one stream of artifacts."""

    def consider(self, step: Change) -> tuple[bool, float]:
        """Returns whether a candidate is promoted, and what gain in accuracy is claimed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Decides on one pool of items, again and again.

    Attributes:
        name: What people call it.
        level: Of the exact one-sided McNemar test; at 0.5 or more, higher is enough.
    """

    name: str
    level: float

    def begin(self, examinees: Examinees, world: ItemWorld) -> ItemContest:  # noqa: ARG002
        """Has the first incumbent sit the pool."""
        return _Pool(examinees, self.level)


class _Pool:
    def __init__(self, examinees: Examinees, level: float) -> None:
        self._examinees, self._level = examinees, level
        self._passed = examinees.sit(examinees.accuracy)

    def consider(self, step: Change) -> tuple[bool, float]:
        after = self._examinees.challenge(self._passed, step)
        n_better = int((after & ~self._passed).sum())
        n_worse = int((self._passed & ~after).sum())
        if not has_won(n_better, n_worse, self._level):
            return False, 0.0
        self._passed = after
        return True, (n_better - n_worse) / len(after)


def has_won(n_better: int, n_worse: int, level: float) -> bool:
    """Returns whether more items were fixed than broken, by the exact McNemar test at ``level``.

    Source: McNemar 1947; the exact form is a sign test.
    """
    if n_better <= n_worse:
        return False
    if level >= 0.5:
        return True
    n = n_better + n_worse
    n_orders = sum(math.comb(n, k) for k in range(n_better, n + 1))
    return bool(n_orders <= level * 2**n)


@dataclass(frozen=True, slots=True)
class GatedItems:
    """Filial's own gate on artifacts: a first look on dev items, then fresh ones.

    Attributes:
        rule: Its numbers.
        name: What people call it.
    """

    rule: Rule = field(default_factory=Rule)
    name: str = "Filial"

    def begin(self, examinees: Examinees, world: ItemWorld) -> ItemContest:
        """Calibrates: A/A exams of the first incumbent."""
        return _GatedItems(examinees, world, self.rule)


class _GatedItems:
    def __init__(self, examinees: Examinees, world: ItemWorld, rule: Rule) -> None:
        self._examinees = examinees
        exams = self._face(examinees.accuracy, world.n_values)
        values = [float(passed.mean()) for passed in exams]
        self._confirmer = Confirmer(rule, Judged.ARTIFACT, values)

    def consider(self, step: Change) -> tuple[bool, float]:
        looked = self._examinees.challenge(self._dev, step)
        if not self._confirmer.passes(_exam(self._dev), _exam(looked)):
            return False, 0.0
        accuracy = self._examinees.accuracy + step.effect
        verdict = self._confirmer.confirm(
            self._pairs(step),
            lambda n: tuple(_exam(self._examinees.sit(accuracy)) for _ in range(n)),
        )
        if verdict.decision is not Decision.PROMOTE or verdict.comparison is None:
            return False, 0.0
        self._face(accuracy, N_FRESH)
        return True, verdict.comparison.estimate

    def _face(self, accuracy: float, n: int) -> list[Passed]:
        """Examines an incumbent n times; candidates first face its most typical exam."""
        exams = [self._examinees.sit(accuracy) for _ in range(n)]
        self._dev = sorted(exams, key=lambda passed: float(passed.mean()))[(n - 1) // 2]
        return exams

    def _pairs(self, step: Change) -> Iterator[Pair]:
        while True:
            before = self._examinees.sit(self._examinees.accuracy)
            after = self._examinees.challenge(before, step)
            yield Pair(incumbent=_exam(before), challenger=_exam(after))


def _exam(passed: Passed) -> Trial:
    return trial(float(passed.mean()), tuple(passed.astype(np.float64).tolist()))


ItemCompetitor = Pool | GatedItems
ITEM_RULES: tuple[ItemCompetitor, ...] = (
    Pool(name="higher on the pool", level=0.5),
    Pool(name="McNemar, p < .05", level=0.05),
    GatedItems(),
)
"""What is compared, from the simplest to ours."""


def play_items(world: ItemWorld, competitor: ItemCompetitor, seed: int, repeat: int) -> Tally:
    """Returns what a rule makes of the stream that ``seed`` and ``repeat`` stand for.

    Gains are in accuracy.
    """
    shares, errors = zip(*world.mix, strict=True)
    proposed = chance(seed, world.name, repeat, 0).choice(errors, world.n_candidates, p=shares)
    examinees = Examinees(world, chance(seed, world.name, repeat, 1))
    contest = competitor.begin(examinees, world)
    promoted: list[tuple[float, float]] = []
    for each in proposed.tolist():
        step = change(world, examinees.accuracy, each)
        is_promoted, claimed = contest.consider(step)
        if is_promoted:
            promoted.append((step.effect, claimed))
            examinees.accuracy += step.effect
    return Tally(
        n_candidates=world.n_candidates,
        n_promotions=len(promoted),
        n_false=sum(effect <= 0 for effect, _ in promoted),
        true_gain=sum(effect for effect, _ in promoted),
        claimed=sum(claim for _, claim in promoted),
        cost=examinees.n_exams,
    )
