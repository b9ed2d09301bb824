"""What is simulated: the worlds, the rules in each, and other numbers for our own rule."""

from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from filial.bench.items import ITEM_RULES, ItemCompetitor, ItemWorld, play_items
from filial.bench.rules import RULES, Competitor, Gated
from filial.bench.scores import Tally
from filial.bench.stream import play
from filial.bench.worlds import NOTHING, Law, World
from filial.gates import Rule

_CURVE_SHARE = 5  # settings of our own rule differ by little chance: they see the same streams
_QUICK = 5  # times shorter streams

MIXED_WORLD = World(
    name="mixed", title="90 % do nothing, 5 % lose 1 sigma, 4 % gain 0.5, 1 % gain 2"
)

WORLDS: tuple[World, ...] = (
    World(
        name="nothing",
        title="No candidate is any better; the gate is told 30 % less than A/A values show",
        mix=NOTHING,
        misjudged=0.7,
    ),
    World(
        name="nothing-wild",
        title="No candidate is any better; every fourth build is far worse; 6 A/A values only",
        mix=NOTHING,
        law=Law.CONTAMINATED_25,
        n_values=6,
    ),
    MIXED_WORLD,
    replace(
        MIXED_WORLD,
        name="misjudged",
        title="Mixed; the gate is told 30 % less than A/A values show",
        misjudged=0.7,
    ),
    replace(
        MIXED_WORLD,
        name="student-2",
        title="Mixed; noise follows Student's t with 2 degrees of freedom",
        law=Law.STUDENT_2,
    ),
    replace(
        MIXED_WORLD,
        name="contaminated-5",
        title="Mixed; every 20th build is far worse: 2.78, 2.80, 2.82, and then 3.24",
        law=Law.CONTAMINATED_5,
    ),
    replace(
        MIXED_WORLD,
        name="contaminated-25",
        title="Mixed; every fourth build is far worse",
        law=Law.CONTAMINATED_25,
    ),
    replace(
        MIXED_WORLD,
        name="drift",
        title="Mixed; the machine drifts, by about 1 sigma in 1,000 builds",
        drift=1.0,
    ),
    replace(
        MIXED_WORLD,
        name="shared",
        title="Mixed; half of the variance is the seed's, which pairs share",
        shared=0.5,
    ),
    replace(
        MIXED_WORLD,
        name="dependent",
        title="Mixed; the noise of a build correlates by 0.5 with that of the build before",
        dependence=0.5,
    ),
    replace(
        MIXED_WORLD,
        name="adaptive",
        title="Mixed; half of the proposals vary what looked good",
        returning=0.5,
    ),
)

ITEM_WORLDS: tuple[ItemWorld, ...] = (
    ItemWorld(
        name="items",
        title="Artifacts that pass or fail 200 items; effects as in mixed, gains in accuracy",
    ),
    ItemWorld(
        name="coin",
        title="Artifacts without any gain that win or lose 40 % of an exam's items by one coin",
        mix=NOTHING,
        swing=0.8,
    ),
)

SETTINGS: tuple[Gated, ...] = (
    Gated(rule=Rule(), name="default"),
    *(Gated(rule=Rule(screen_sigmas=x), name=f"screen {x:g} sigma") for x in (0.0, 0.5, 1.5)),
    *(Gated(rule=Rule(max_pairs=n), name=f"{n} pairs at most") for n in (8, 32)),
    *(Gated(rule=Rule(fdr=x), name=f"FDR {x:g}") for x in (0.05, 0.20)),
)
"""Our own rule with one of its numbers changed."""


@dataclass(frozen=True, slots=True)
class OnStream:
    """One rule in one world of builds, over repeats."""

    world: World
    competitor: Competitor
    n_repeats: int

    def play(self, seed: int, repeat: int) -> Tally:
        """Returns what came of one stream."""
        return play(self.world, self.competitor, seed, repeat)


@dataclass(frozen=True, slots=True)
class OnItems:
    """One rule in one world of items, over repeats."""

    world: ItemWorld
    competitor: ItemCompetitor
    n_repeats: int

    def play(self, seed: int, repeat: int) -> Tally:
        """Returns what came of one stream."""
        return play_items(self.world, self.competitor, seed, repeat)


Entry: TypeAlias = OnStream | OnItems
_W = TypeVar("_W", World, ItemWorld)


def entries(repeats: int, *, quick: bool) -> tuple[Entry, ...]:
    """Returns every rule in every world, in the order of tables; shorter streams if ``quick``."""
    worlds = [_as_long(world, quick) for world in WORLDS]
    items = [_as_long(world, quick) for world in ITEM_WORLDS]
    return (
        *(OnStream(world, rule, repeats) for world in worlds for rule in RULES),
        *(OnItems(world, rule, repeats) for world in items for rule in ITEM_RULES),
    )


def curve(repeats: int, *, quick: bool) -> tuple[Entry, ...]:
    """Returns our own rule under all settings in the mixed world, over a fifth of the repeats."""
    world = _as_long(MIXED_WORLD, quick)
    n_repeats = max(1, repeats // _CURVE_SHARE)
    return tuple(OnStream(world, setting, n_repeats) for setting in SETTINGS)


def _as_long(world: _W, quick: bool) -> _W:
    return replace(world, n_candidates=world.n_candidates // _divisor(quick))


def _divisor(quick: bool) -> int:
    return _QUICK if quick else 1
