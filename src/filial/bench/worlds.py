"""Worlds in which rules of promotion are compared: what is proposed, and how builds come out.

Everything is in units of sigma, the standard deviation of the difference between two builds of one
tree on one seed. More is better.
"""

import math
import zlib
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from filial.stats import Floats

_BODY, _OUTLIER = 0.02, 0.42  # seeds like 2.78, 2.80, 2.82 and, now and then, 3.24
_STUDENT_2_AT_ONE_SIGMA = 1.3212866  # below it lie as many values as below 1 in a normal law
_LONGEST = 80  # builds a candidate, more than any rule takes
_PER = 1000  # builds in which drift comes to what a world says
_REMEMBERED = 5
_INHERITED = 0.9
_REFINED = 0.1

MIXED = ((0.90, 0.0), (0.05, -1.0), (0.04, 0.5), (0.01, 2.0))
"""Shares of candidates and their true effects, in sigma: most do nothing, a few do harm."""

NOTHING = ((1.0, 0.0),)
"""Nobody proposes anything that makes a difference."""


class Law(StrEnum):
    """How builds of one tree on different seeds scatter."""

    NORMAL = "normal"
    STUDENT_2 = "student-2"  # has no variance; its middle 68 % are as wide as the normal's
    CONTAMINATED_5 = "contaminated-5"  # one in twenty is far worse
    CONTAMINATED_25 = "contaminated-25"  # one in four is


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A stream of candidates and the noise in which they are judged.

    Attributes:
        name: Identifier.
        title: What is the matter with it, for people.
        mix: Share of candidates with each true effect, effects in sigma.
        law: Law of a build's own noise.
        shared: rho, the share of a build's variance that it has in common with others on its seed.
        dependence: Correlation of a build's own noise with that of the build before, AR(1).
        drift: Standard deviation to which the machine drifts within a thousand builds, in sigma:
            a random walk that all builds of the time share.
        n_values: A/A values from which sigma is estimated.
        misjudged: Factor between what they show and what the gate is told.
        returning: Share of proposals that vary what looked good, once something did.
        n_candidates: Length of the stream.
    """

    name: str
    title: str
    mix: tuple[tuple[float, float], ...] = MIXED
    law: Law = Law.NORMAL
    shared: float = 0.0
    dependence: float = 0.0
    drift: float = 0.0
    n_values: int = 20
    misjudged: float = 1.0
    returning: float = 0.0
    n_candidates: int = 1000


@dataclass(frozen=True, slots=True)
class Proposal:
    """One candidate.

    Attributes:
        effect: What it truly adds to the incumbent, in sigma.
        noise: The own noise of its first build, in standard deviations of one build.
    """

    effect: float
    noise: float


def chance(seed: int, name: str, repeat: int, purpose: int) -> np.random.Generator:
    """Returns the generator of one purpose in one repeat of the world called ``name``."""
    return np.random.default_rng([seed, zlib.crc32(name.encode()), repeat, purpose])


def draw(law: Law, rng: np.random.Generator, n: int) -> Floats:
    """Returns n independent values of a law with mean 0 and standard deviation 1, shape (n,)."""
    if law is Law.NORMAL:
        return rng.standard_normal(n)
    if law is Law.STUDENT_2:
        return rng.standard_t(2, n) / _STUDENT_2_AT_ONE_SIGMA
    share = 0.05 if law is Law.CONTAMINATED_5 else 0.25
    values = _BODY * rng.standard_normal(n) - _OUTLIER * ((rng.random(n) < share) - share)
    return np.asarray(values / math.hypot(_BODY, _OUTLIER * math.sqrt(share * (1 - share))))


class Proposer:
    """Proposes candidates, and may learn from what became of them.

    One that learns varies the last few candidates that looked good. A variation of one that was
    not promoted has its effect, and most of the luck of its first build, since it is nearly the
    same code: nulls that looked lucky come again and again. A variation of one that was promoted
    has half its effect, but mostly none, since what there was to gain is in the incumbent.

    Args:
        world: What it knows.
        rng: Its chance.
    """

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        n = world.n_candidates
        shares, effects = zip(*world.mix, strict=True)
        self._effects = iter(rng.choice(effects, n, p=shares).tolist())
        self._noise = iter(draw(world.law, rng, n).tolist())
        self._promising: list[tuple[Proposal, bool]] = []

    def propose(self) -> Proposal:
        """Returns the next candidate."""
        new = Proposal(next(self._effects), next(self._noise))
        if not self._promising or self._rng.random() >= self._world.returning:
            return new
        base, is_promoted = self._promising[self._rng.integers(len(self._promising))]
        if is_promoted:
            is_refined = self._rng.random() < _REFINED
            return Proposal(base.effect / 2 if is_refined else 0.0, new.noise)
        luck = math.sqrt(_INHERITED) * base.noise + math.sqrt(1 - _INHERITED) * new.noise
        return Proposal(base.effect, luck)

    def learn(self, proposal: Proposal, *, looked_good: bool, promoted: bool) -> None:
        """Takes in what became of a candidate; after a promotion, all others are old hat."""
        if not self._world.returning or not looked_good:
            return
        kept = [] if promoted else self._promising[1 - _REMEMBERED :]
        self._promising = [*kept, (proposal, promoted)]


class Machine:
    """Builds candidates and examines them.

    Args:
        world: Its noise.
        rng: Its chance.

    Attributes:
        quality: The incumbent's true quality, in sigma above that of F0.
        n_builds: Builds so far.
    """

    def __init__(self, world: World, rng: np.random.Generator) -> None:
        self.quality = 0.0
        self.n_builds = 0
        self._world, self._rng = world, rng
        self._own_sd = math.sqrt(0.5)
        self._shared_sd = math.sqrt(0.5 * world.shared / (1 - world.shared))
        length = _LONGEST * world.n_candidates + _PER if world.drift else 0
        steps = rng.standard_normal(length) * world.drift / math.sqrt(_PER)
        self._path = np.cumsum(steps)

    def luck(self, n: int) -> Floats:
        """Returns what all builds on each of n fresh seeds have in common, in sigma, (n,)."""
        if not self._shared_sd:
            return np.zeros(n)
        return self._shared_sd * draw(self._world.law, self._rng, n)

    def first(self, proposal: Proposal, luck: float = 0.0) -> float:
        """Returns the result of a candidate's first build, on a seed that has that luck."""
        noise = self._own_sd * proposal.noise + luck
        value = self.quality + proposal.effect + noise + self._drift(np.zeros(1, np.int64))[0]
        self.n_builds += 1
        return float(value)

    def builds(self, quality: float, luck: Floats) -> Floats:
        """Returns the results of builds on seeds that have that luck, one after another, (n,)."""
        slots = np.arange(len(luck))
        values = quality + luck + self._own(len(luck)) + self._drift(slots)
        self.n_builds += len(luck)
        return np.asarray(values)

    def pairs(self, effect: float, n: int) -> tuple[Floats, Floats]:
        """Returns results of incumbent and challenger on n fresh seeds each, in order ABBA, (n,).

        They are not counted: whoever draws more than needed says with ``count`` what was used.
        """
        luck = self.luck(n)
        k = np.arange(n)
        slots = 2 * k + k % 2, 2 * k + 1 - k % 2
        before = self.quality + luck + self._own(n) + self._drift(slots[0])
        after = self.quality + effect + luck + self._own(n) + self._drift(slots[1])
        return before, after

    def count(self, n_builds: int) -> None:
        """Counts builds, and lets their time pass."""
        self.n_builds += n_builds

    def _own(self, n: int) -> Floats:
        values = self._own_sd * draw(self._world.law, self._rng, n)
        phi = self._world.dependence
        if phi:
            for k in range(1, n):
                values[k] = phi * values[k - 1] + math.sqrt(1 - phi**2) * values[k]
        return values

    def _drift(self, slots: npt.NDArray[np.int64]) -> Floats:
        return self._path[self.n_builds + slots] if len(self._path) else np.zeros(len(slots))
