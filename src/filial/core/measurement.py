"""What is measured, and one measurement of it."""

import math
from dataclasses import KW_ONLY, dataclass
from typing import Literal

Direction = Literal["min", "max"]

LARGEST = 1e100
"""A value further from 0 is no result: squares of differences must stay within floats."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity an exam reports.

    Attributes:
        name: Identifier, unique within the exam.
        unit: Unit for people: ``"bits/byte"``, ``"share"``, ``"MiB"``.
        direction: Whether more (``"max"``) or less (``"min"``) is better.
        smallest_effect: The smallest gain worth having, in ``unit``.
        tolerance: As a guard, how much worse it may get, in ``unit``.
        lowest: The least that a single item can score, in ``unit``; no score is below it.
        highest: The most.
    """

    name: str
    _: KW_ONLY
    unit: str = ""
    direction: Direction = "max"
    smallest_effect: float = 0.0
    tolerance: float = 0.0
    lowest: float = -math.inf
    highest: float = math.inf

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a metric needs a name")
        if self.direction not in ("min", "max"):
            raise ValueError(
                f"metric {self.name!r}: direction is {self.direction!r}; use 'min' or 'max'"
            )
        for field in ("smallest_effect", "tolerance"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(
                    f"metric {self.name!r}: {field} is {value!r}; use a finite number >= 0"
                )
        if not self.lowest < self.highest:
            raise ValueError(
                f"metric {self.name!r}: lowest is {self.lowest!r}, highest {self.highest!r}; "
                "lowest must be less"
            )

    def gain(self, before: float, after: float) -> float:
        """How much better ``after`` is than ``before``, in ``unit``; positive is better."""
        return after - before if self.direction == "max" else before - after


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One finite value of one metric, with the per-item values behind it.

    Attributes:
        metric: Name of the metric.
        value: The value, finite.
        items: One value for each different question (or cluster of items) in the exam's own order,
            so that two trials on the same items pair up: the mean where there are several. Empty
            where a metric has none (peak memory).
        questions: What tells each of ``items`` from those of other trials; empty where unknown.
    """

    metric: str
    value: float
    items: tuple[float, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether the value is one that verdicts and reports can reckon with."""
        return abs(self.value) <= LARGEST

    def __post_init__(self) -> None:
        if not math.isfinite(self.value) or not all(map(math.isfinite, self.items)):
            raise ValueError(f"a measurement of {self.metric!r} must be finite")
