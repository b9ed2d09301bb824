"""One instrument of a study about itself: what it found, in numbers and in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from filial.core import Arm, Budget, History, Judged, Metric
from filial.reports.numbers import Scale
from filial.reports.race import Race
from filial.reports.readings import Step


class State(StrEnum):
    """What a check says about trust."""

    HELD = "held"  # there is evidence, and it speaks for the study
    OPEN = "open"  # there is no evidence yet, or too little
    FAILED = "failed"  # there is evidence, and it speaks against the study


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a study was promised, and a history does not hold.

    Attributes:
        fdr: False discovery rate over the promotions, a share in (0, 1).
        judged: What verdicts are about.
        sealed_items: Different items the sealed split has; 0 if they are drawn without end.
        shares: Share of the proposals that each arm gets, in [0, 1]; 0 for those not named.
        budget: The ceilings.
    """

    fdr: float = 0.10
    judged: Judged = Judged.RECIPE
    sealed_items: int = 0
    shares: Mapping[Arm, float] = field(default_factory=dict)
    budget: Budget = field(default_factory=Budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What instruments look at: a history, and what is worked out from it once for all of them.

    Attributes:
        history: The study.
        primary: The primary metric.
        terms: What it was promised.
        scale: How values of the primary metric are written.
        steps: Its sound generations.
        race: Treatment against control at equal cost; None if either has no result.
        values: Each generation's values of the primary metric in confirmations, as challenger and
            as incumbent, in the order of generations.
        levels: Isolation levels that trials ran at, weakest first.
    """

    history: History
    primary: Metric
    terms: Terms
    scale: Scale
    steps: tuple[Step, ...]
    race: Race | None
    values: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    levels: tuple[str, ...]


class Weight(StrEnum):
    """What hangs on a check; the value is for people."""

    ESSENTIAL = "Essential: no yes before all of these hold"
    GAINS = "Also about the gains: one that fails makes it a no"
    WORTH = "About what parts of the study are worth: no gain hangs on these"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One reason to trust a study, or not.

    Attributes:
        key: Which one, for programs: ``"placebos"``.
        title: Which one, for people.
        state: What it says.
        text: What was found, with its bound or interval.
        remedy: What to do about it, a sentence; empty if it holds or nothing can be done.
        is_essential: Whether a study cannot be trusted before this holds.
        is_about_worth: Whether it says what parts of a study are worth, not if gains are real.
        numbers: What was found, for programs; None is unknown. Rates are shares, gains and spreads
            are in the primary metric's unit.
    """

    key: str
    title: str
    state: State
    text: str
    remedy: str = ""
    is_essential: bool = False
    is_about_worth: bool = False
    numbers: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def weight(self) -> Weight:
        """What hangs on it."""
        if self.is_essential:
            return Weight.ESSENTIAL
        return Weight.WORTH if self.is_about_worth else Weight.GAINS


def numbers_of(reading: object) -> dict[str, float | None]:
    """Returns the fields of a dataclass that hold a number or None, by name."""
    found = {f.name: getattr(reading, f.name) for f in fields(reading)}  # type: ignore[arg-type]
    return {k: v for k, v in found.items() if v is None or isinstance(v, int | float)}
