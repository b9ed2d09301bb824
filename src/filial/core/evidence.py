"""What a proposer may know of a study so far. No value of a confirmation or an audit is in it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from filial.core.failure import FailureKind

if TYPE_CHECKING:
    from filial.core.proposal import Prediction


class Outcome(StrEnum):
    """What became of a proposal, as far as proposers may know.

    A confirmation tells them one bit: ``PROMOTE`` or not. Whether it ended in a rejection, a
    failure or without a decision is all ``NOT_CONFIRMED``.
    """

    REFUSED = "refused"  # it became no candidate
    PENDING = "pending"  # no full dev trial of it is on record yet
    FAILED = "failed"  # a dev trial of it failed
    WORSE = "worse"  # its dev trial was worse than the incumbent's, or broke a guard
    NO_GAIN = "no_gain"  # its dev trial was not better enough than the incumbent's
    PASSED_SCREEN = "passed_screen"  # better in its dev trial; it awaits what comes next
    UNDECIDED = "undecided"  # the same, but another one became the incumbent before its turn
    NOT_CONFIRMED = "not_confirmed"  # the gain was not proven on fresh evidence
    DECLINED = "declined"  # the gain was proven, and oversight said no
    PROMOTED = "promoted"  # it became an incumbent
    VOID = "void"  # it broke the rules, or descends from one that did


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One point of a learning curve: a candidate beside its opponent after part of the build.

    Attributes:
        fraction: Share of the build's CPU budget, in (0, 1).
        gain: Gain over the opponent at that point, in the primary metric's unit, rounded.
    """

    fraction: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One proposal and what came of it.

    Attributes:
        index: Number of the proposal.
        proposer: Who wrote it.
        hypothesis: In the proposer's words: foreign text.
        predicted: The effect stated beforehand, if any.
        faced: k of the F*k* it was measured against; None if it was not.
        outcome: What became of it.
        dev_gain: Gain of its full dev trial over that of the incumbent, in the primary metric's
            unit, rounded; None without one.
        curve: The same after parts of the build, in order.
        failure: What kind of failure it ended in; None unless refused, failed or void.
        detail: One line about it, at most 200 characters: foreign text where it failed.
        n_alike: How many other proposals had the very same hypothesis.
    """

    index: int
    proposer: str
    hypothesis: str
    outcome: Outcome
    predicted: "Prediction | None" = None
    faced: int | None = None
    dev_gain: float | None = None
    curve: tuple[Rung, ...] = ()
    failure: FailureKind | None = None
    detail: str = ""
    n_alike: int = 0

    @property
    def surprise(self) -> float | None:
        """How far the measured gain is from the predicted one; None without both."""
        if self.predicted is None or self.dev_gain is None:
            return None
        return abs(self.dev_gain - self.predicted.effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One generation: how the study has learned.

    Attributes:
        number: k of F*k*.
        index: Number of the proposal that made it; -1 for F0.
        hypothesis: In the proposer's words: foreign text.
        dev_gain: Its gain over the incumbent when it was screened, in the primary metric's unit,
            rounded. The luckiest of many were screened in, so it is larger than the true gain.
    """

    number: int
    index: int
    hypothesis: str
    dev_gain: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """All proposals that ended in one kind of failure.

    Attributes:
        kind: Which kind.
        n_proposals: How many.
        newest: The latest of them.
    """

    kind: FailureKind
    n_proposals: int
    newest: Tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What is left of one ceiling.

    Attributes:
        resource: Field of :class:`~filial.core.Spend`: ``"cpu_s"``, ``"usd"``.
        ceiling: The ceiling, in the field's unit.
        share: How much of it is left, in [0, 1], in steps of a twentieth.
    """

    resource: str
    ceiling: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known when a proposal is written. Empty by default.

    Attributes:
        tried: A selection of what was tried, the most telling first.
        peers: Numbers of those in ``tried`` that edited the same parent.
        generations: All sound generations in order, F0 first.
        n_tried: How many proposals came to which outcome, of all that were tried.
        failures: What failed, by kind, the most frequent first.
        best: The best dev gain over each generation so far by its number, rounded.
        parent_generation: k if the parent is F*k*, else None.
        parent_value: The primary metric in the parent's own dev trial, rounded; None without one.
        sigma: Spread of a paired difference between two identical candidates, in the primary
            metric's unit; 0 if there is none, or it is unknown.
        remaining: What is left of the ceilings.

    What this does not cover: what rounding leaves. A dev gain tells about log2 of its steps
    in bits about the dev items, and dev items are the same for one generation; the longer it
    lasts, the more of its dev gains are luck. Small budgets show within a twentieth how many
    trials a confirmation took.
    """

    tried: tuple[Tried, ...] = ()
    peers: tuple[int, ...] = ()
    generations: tuple[Step, ...] = ()
    n_tried: Mapping[Outcome, int] = field(default_factory=dict)
    failures: tuple[FailureGroup, ...] = ()
    best: Mapping[int, float] = field(default_factory=dict)
    parent_generation: int | None = None
    parent_value: float | None = None
    sigma: float = 0.0
    remaining: tuple[Remaining, ...] = ()


def coarse(value: float, sigma: float) -> float:
    """Returns ``value`` with two significant digits, or rounded to the noise if that is coarser.

    The step is 1, 2 or 5 times a power of ten, half a sigma or more. Half a sigma is what one dev
    pair cannot tell from nothing, so that little is lost; and a proposer learns no more of the dev
    items than it has to.

    Args:
        value: Finite, in the metric's unit.
        sigma: Spread of a paired difference, same unit; 0 if there is none.

    Source: Blum and Hardt 2015, arXiv 1502.04585 (rounding what is released to the noise).
    """
    if value == 0:
        return 0.0
    step = _round_step(sigma / 2)
    if step >= 10.0 ** (math.floor(math.log10(abs(value))) - 1) and step > 0:
        return float(f"{round(value / step) * step:.6g}") + 0.0  # no minus before a zero
    return float(f"{value:.1e}")


def _round_step(least: float) -> float:
    """Returns the smallest of 1, 2 and 5 times powers of ten that is not below ``least``."""
    if least <= 0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(least))
    return next((m * unit for m in (1, 2, 5, 10) if m * unit >= least), least)
