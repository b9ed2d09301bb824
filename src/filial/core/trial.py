"""One build and one exam of a candidate with one seed."""

from dataclasses import dataclass
from enum import StrEnum

from filial.core.budget import Spend
from filial.core.failure import Failure
from filial.core.measurement import Measurement


class Split(StrEnum):
    """Where an exam's items come from."""

    DEV = "dev"  # proposers may see its scores
    CONFIRM = "confirm"  # fresh items, drawn after the tree is frozen; the verdict rests on these
    SEALED = "sealed"  # opened only by audits; every look is metered


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialSpec:
    """What to run. Two specs that differ only in ``candidate`` make a pair.

    Attributes:
        candidate: Tree digest, hexadecimal.
        split: Which items to draw.
        build_seed: 64-bit seed handed to the build.
        exam_seed: 64-bit seed from which the items are drawn.
        label: Which trial this is for people and for the record: ``"dev/0"``, ``"confirm/3"``.
        fraction: Share of the build's CPU budget it gets, in (0, 1]: less for a cheap first look.
        afresh: Whether to build from source even where a build is kept.
    """

    candidate: str
    split: Split
    build_seed: int
    exam_seed: int
    label: str
    fraction: float = 1.0
    afresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of a spec: measurements or a failure, never both.

    Attributes:
        spec: What was run.
        level: Isolation level of the sandbox it ran in: ``"L3"``.
        measurements: One for each metric; empty if it failed.
        failure: Why there are no measurements.
        spend: What it cost, metered from outside.
    """

    spec: TrialSpec
    level: str
    measurements: tuple[Measurement, ...] = ()
    failure: Failure | None = None
    spend: Spend = Spend()

    def __post_init__(self) -> None:
        if bool(self.measurements) == (self.failure is not None):
            raise ValueError("a trial has either measurements or a failure")

    @property
    def is_usable(self) -> bool:
        """Whether there are measurements, all of them such as can be reckoned with."""
        return self.failure is None and all(m.is_usable for m in self.measurements)

    def __getitem__(self, metric: str) -> Measurement:
        """Returns the measurement of ``metric``; KeyError if there is none."""
        for measurement in self.measurements:
            if measurement.metric == metric:
                return measurement
        raise KeyError(metric)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The incumbent's and the challenger's trial of one spec."""

    incumbent: Trial
    challenger: Trial
