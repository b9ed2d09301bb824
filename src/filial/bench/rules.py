"""Rules of promotion: what most people do, and Filial's gate."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from filial.bench.confirming import N_FRESH, Confirmer, trial
from filial.bench.worlds import Machine, Proposal, World
from filial.core import Decision, Judged, Pair
from filial.gates import Rule

Test = Literal["higher", "t", "se"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a candidate.

    Attributes:
        promoted: Whether it was.
        looked_good: Whether its proposer has reason to be encouraged.
        claimed: The gain that was claimed if it was promoted, in sigma.
    """

    promoted: bool
    looked_good: bool
    claimed: float = 0.0


class Contest(Protocol):
    """One rule at work on one stream."""

    def consider(self, proposal: Proposal) -> Answer:
        """Decides on a candidate, at a cost that the machine counts."""
        ...


class Competitor(Protocol):
    """A rule to compare.

    Attributes:
        name: What people call it.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - an attribute

    def begin(self, machine: Machine, world: World) -> Contest:
        """Returns the rule at the start of a stream."""
        ...


@dataclass(frozen=True, slots=True)
class StoredBest:
    """Keeps a candidate if its one result is higher than the best one on record."""

    name: str = "higher than best"

    def begin(self, machine: Machine, world: World) -> Contest:  # noqa: ARG002 - of the protocol
        """Runs the first incumbent once."""
        return _StoredBest(machine)


class _StoredBest:
    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._best = float(machine.builds(machine.quality, machine.luck(1))[0])

    def consider(self, proposal: Proposal) -> Answer:
        value = self._machine.first(proposal, float(self._machine.luck(1)[0]))
        gain = value - self._best
        if gain <= 0:
            return Answer(promoted=False, looked_good=False)
        self._best = value
        return Answer(promoted=True, looked_good=True, claimed=gain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Keeps a candidate if n fresh pairs pass a test, at ``level`` each time.

    Attributes:
        name: What people call it.
        n_pairs: n.
        test: ``higher``: the mean difference is positive; ``t``: one-sided t test; ``se``: the
            mean is more than one standard error above zero.
        level: Of the t test.
    """

    name: str
    n_pairs: int
    test: Test
    level: float = 0.05

    def begin(self, machine: Machine, world: World) -> Contest:  # noqa: ARG002 - of the protocol
        """Needs nothing to begin with."""
        from scipy.special import stdtrit  # noqa: PLC0415 - scipy loads when asked

        errors = {
            "higher": 0.0,
            "se": 1.0,
            "t": float(stdtrit(self.n_pairs - 1, 1 - self.level)) if self.n_pairs > 1 else 0.0,
        }
        return _Paired(machine, self.n_pairs, errors[self.test])


class _Paired:
    def __init__(self, machine: Machine, n_pairs: int, n_errors: float) -> None:
        self._machine = machine
        self._n_pairs = n_pairs
        self._n_errors = n_errors

    def consider(self, proposal: Proposal) -> Answer:
        before, after = self._machine.pairs(proposal.effect, self._n_pairs)
        self._machine.count(2 * self._n_pairs)
        differences = (after - before).tolist()
        is_gain, mean = exceeds(differences, self._n_errors)
        return Answer(promoted=is_gain, looked_good=is_gain, claimed=mean)


def exceeds(differences: Sequence[float], n_errors: float) -> tuple[bool, float]:
    """Returns whether the mean is more than so many standard errors above zero, and the mean."""
    n = len(differences)
    mean = math.fsum(differences) / n
    if not n_errors:
        return mean > 0, mean
    squares = math.fsum((difference - mean) ** 2 for difference in differences)
    return mean > n_errors * math.sqrt(squares / (n - 1) / n), mean


@dataclass(frozen=True, slots=True)
class Gated:
    """Filial's own gate: a first look, then fresh pairs against the error budget.

    Attributes:
        rule: Its numbers.
        name: What people call it.
    """

    rule: Rule = field(default_factory=Rule)
    name: str = "Filial"

    def begin(self, machine: Machine, world: World) -> Contest:
        """Calibrates: A/A trials of the first incumbent."""
        return _Gated(machine, world, self.rule)


class _Gated:
    def __init__(self, machine: Machine, world: World, rule: Rule) -> None:
        self._machine = machine
        self._n_most = 2 * rule.max_pairs  # with all that can be bought
        self._faced = self._luck = 0.0
        values = self._face(machine.quality, world.n_values)
        self._confirmer = Confirmer(rule, Judged.RECIPE, values, world.misjudged)

    def consider(self, proposal: Proposal) -> Answer:
        value = self._machine.first(proposal, self._luck)
        if not self._confirmer.passes(trial(self._faced), trial(value)):
            return Answer(promoted=False, looked_good=False)
        quality = self._machine.quality + proposal.effect
        verdict = self._confirmer.confirm(
            self._pairs(proposal.effect),
            lambda n: tuple(map(trial, self._machine.builds(quality, self._machine.luck(n)))),
        )
        if verdict.decision is not Decision.PROMOTE or verdict.comparison is None:
            return Answer(promoted=False, looked_good=True)
        self._face(quality, N_FRESH)
        return Answer(promoted=True, looked_good=True, claimed=verdict.comparison.estimate)

    def _face(self, quality: float, n: int) -> list[float]:
        """Builds an incumbent on n seeds; candidates first face its most typical result."""
        luck = self._machine.luck(n)
        values: list[float] = self._machine.builds(quality, luck).tolist()
        middle = sorted(range(n), key=values.__getitem__)[(n - 1) // 2]
        self._faced, self._luck = values[middle], float(luck[middle])
        return values

    def _pairs(self, effect: float) -> Iterator[Pair]:
        sides = self._machine.pairs(effect, self._n_most)
        for before, after in zip(*(side.tolist() for side in sides), strict=True):
            self._machine.count(2)
            yield Pair(incumbent=trial(before), challenger=trial(after))


RULES: tuple[Competitor, ...] = (
    StoredBest(),
    Paired(name="higher in a pair", n_pairs=1, test="higher"),
    Paired(name="t test, 3 pairs", n_pairs=3, test="t"),
    Paired(name="t test, 5 pairs", n_pairs=5, test="t"),
    Paired(name="1 SE, 3 pairs", n_pairs=3, test="se"),
    Gated(),
)
"""What is compared, from the simplest to ours."""
