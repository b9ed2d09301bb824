"""What a gate decides, and on what evidence."""

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The four answers a gate can give."""

    PROMOTE = "PROMOTE"  # a genuine gain
    REJECT = "REJECT"  # not a gain, or a guard failed
    UNDECIDED = "UNDECIDED"  # not enough evidence within the limits: parked, not discarded
    VOID = "VOID"  # it broke the rules


class Judged(StrEnum):
    """What a verdict is about, which fixes what counts as fresh evidence."""

    RECIPE = "recipe"  # a procedure: fresh build seeds
    ARTIFACT = "artifact"  # one program or model: fresh items, one build
    CONSTRUCTION = "construction"  # an object whose worth is recomputed exactly, twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """Spread of the paired difference between two identical candidates, from A/A trials.

    Attributes:
        sigma: Standard deviation of a paired difference, in the primary metric's unit.
        n_values: Number of A/A values behind it; ``n_values - 1`` degrees of freedom, 0 = unknown.
    """

    sigma: float
    n_values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Challenger against incumbent on one metric; positive differences are gains.

    Attributes:
        metric: Name of the metric.
        differences: Paired gains in the metric's unit, in trial order.
        estimate: Shrunken mean gain.
        lower: Lower end of the 95 % interval of the mean gain.
        upper: Upper end.
        e_value: Evidence against "no gain"; 1 is none.
    """

    metric: str
    differences: tuple[float, ...]
    estimate: float
    lower: float
    upper: float
    e_value: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardCheck:
    """Whether one guard metric stayed within its tolerance.

    Attributes:
        metric: Name of the metric.
        harm: Upper 95 % bound of the harm, in the metric's unit; positive is worse.
        tolerance: The most that is allowed, against the incumbent and since F0.
        since_f0: What is proven of the harm since F0, in the same unit; None if not compared.
    """

    metric: str
    harm: float
    tolerance: float
    since_f0: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the harm is within the tolerance."""
        harms = (self.harm,) if self.since_f0 is None else (self.harm, self.since_f0)
        return max(harms) <= self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The gate's answer about one challenger.

    Attributes:
        candidate: Tree digest of the challenger.
        incumbent: Tree digest of what it faced.
        decision: The answer.
        judged: What the verdict is about.
        reason: One sentence for people.
        policy: Digest of the gate's rule and all its numbers.
        alpha: Error budget this confirmation was allowed (promotion needed E >= 1/alpha); 0 where
            no confirmation took place.
        comparison: The evidence on the primary metric, None if there is none.
        guards: The guard metrics, empty if not checked.
        margin: What was claimed is a gain above minus this, in the primary metric's unit: 0 for an
            improvement, more for a program that is shorter and not worse.
    """

    candidate: str
    incumbent: str
    decision: Decision
    judged: Judged
    reason: str
    policy: str
    alpha: float = 0.0
    comparison: Comparison | None = None
    guards: tuple[GuardCheck, ...] = ()
    margin: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Whether a promotion may take effect, and who said so.

    Attributes:
        granted: The answer; no answer is no.
        by: Who or what answered.
        reason: One sentence.
    """

    granted: bool
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """An incumbent, past or present.

    Attributes:
        number: k of F*k*; the initial code is F0.
        candidate: Tree digest.
        commit: Git commit that holds it, hexadecimal.
    """

    number: int
    candidate: str
    commit: str
