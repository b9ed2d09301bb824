"""Ceilings and consumption."""

import math
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What was consumed. Adds up with ``+``.

    Attributes:
        wall_s: Wall-clock seconds.
        cpu_s: CPU-seconds of candidate processes, metered from outside.
        gpu_s: GPU-seconds.
        tokens: Language-model tokens, in and out.
        usd: Money.
        trials: Trials finished.
        candidates: Candidates proposed.
        sealed_looks: Times a sealed split was opened.
    """

    wall_s: float = 0.0
    cpu_s: float = 0.0
    gpu_s: float = 0.0
    tokens: int = 0
    usd: float = 0.0
    trials: int = 0
    candidates: int = 0
    sealed_looks: int = 0

    @property
    def is_finite(self) -> bool:
        """Whether none of it is infinite or NaN; OverflowError where an integer is beyond all."""
        amounts = self.wall_s + self.cpu_s + self.gpu_s + self.usd
        return math.isfinite(amounts + self.tokens + self.trials + self.candidates)

    def __add__(self, other: "Spend") -> "Spend":
        return self.plus(other).after(other.wall_s)

    def plus(
        self, other: "Spend", *, trials: int = 0, candidates: int = 0, sealed_looks: int = 0
    ) -> "Spend":
        """Returns the sum of both, and of what else is given; wall-clock time is this one's."""
        # Field by field, not in a loop: reading a ledger back adds up hundreds of thousands.
        return Spend(
            wall_s=self.wall_s,
            cpu_s=self.cpu_s + other.cpu_s,
            gpu_s=self.gpu_s + other.gpu_s,
            tokens=self.tokens + other.tokens,
            usd=self.usd + other.usd,
            trials=self.trials + other.trials + trials,
            candidates=self.candidates + other.candidates + candidates,
            sealed_looks=self.sealed_looks + other.sealed_looks + sealed_looks,
        )

    def after(self, wall_s: float) -> "Spend":
        """Returns this with more seconds of wall-clock time; the same if they are not above 0."""
        if not wall_s > 0:
            return self
        return Spend(
            wall_s=self.wall_s + wall_s,
            cpu_s=self.cpu_s,
            gpu_s=self.gpu_s,
            tokens=self.tokens,
            usd=self.usd,
            trials=self.trials,
            candidates=self.candidates,
            sealed_looks=self.sealed_looks,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Ceilings on a whole study, in the units of :class:`Spend`; ``None`` is no ceiling."""

    wall_s: float | None = None
    cpu_s: float | None = None
    gpu_s: float | None = None
    tokens: int | None = None
    usd: float | None = None
    trials: int | None = None
    candidates: int | None = None
    sealed_looks: int | None = None

    def exhausted_by(self, spend: Spend) -> str | None:
        """Returns the name of the first ceiling that ``spend`` has reached, or None."""
        for field in fields(self):
            ceiling = getattr(self, field.name)
            if ceiling is not None and getattr(spend, field.name) >= ceiling:
                return field.name
        return None

    def left(self, spend: Spend) -> "Budget":
        """Returns what ``spend`` leaves of each ceiling, at least 0."""
        return Budget(
            **{
                f.name: None if ceiling is None else max(ceiling - getattr(spend, f.name), 0)
                for f in fields(self)
                for ceiling in [getattr(self, f.name)]
            }
        )

    def used(self, spend: Spend) -> float:
        """Returns the largest share of any ceiling that ``spend`` has used; 0 without ceilings."""
        return max(
            (
                getattr(spend, f.name) / ceiling if ceiling else 1.0
                for f in fields(self)
                if (ceiling := getattr(self, f.name)) is not None
            ),
            default=0.0,
        )
