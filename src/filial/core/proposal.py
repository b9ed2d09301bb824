"""What a proposer is told, and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from filial.core.budget import Spend
from filial.core.evidence import Evidence
from filial.core.failure import Failure
from filial.core.measurement import Metric


class Arm(StrEnum):
    """What a proposal is for. Only ``TREATMENT`` may become the incumbent."""

    TREATMENT = "treatment"
    PLACEBO = "placebo"
    CONTROL = "control"
    CANARY = "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One file of a patch.

    Attributes:
        path: POSIX path relative to the candidate's root.
        text: The whole new text, or None to delete the file.
    """

    path: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A change to a candidate's files: whole new texts, at most one edit a path."""

    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What the proposer expects, stated before any trial.

    Attributes:
        metric: Name of the metric.
        effect: Expected gain in the metric's unit; positive is better.
        low: The least gain that would be no surprise, same unit; None if none was stated.
        high: The most, likewise.
    """

    metric: str
    effect: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A hypothesis, what it predicts, and the edits that put it into practice.

    Attributes:
        hypothesis: One sentence, written before the trial.
        predicted: The expected effect, or None if none was stated.
        patch: Edits against the brief's parent.
        failure: Set when the proposer's answer was unusable; the patch is then empty.
        spend: What producing it cost.
    """

    hypothesis: str
    predicted: Prediction | None = None
    patch: Patch = Patch()
    failure: Failure | None = None
    spend: Spend = Spend()


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """All that a proposer may know when it writes proposal number ``index``.

    Attributes:
        index: Number of the proposal within the study, from 0.
        seed: The only source of chance: 64 bits, fresh for each proposal.
        goal: The study's goal in the user's words.
        metric: The primary metric.
        surfaces: Name of each surface to the paths in ``files`` that belong to it.
        files: Text of every file of the parent, by path; only those on a surface may be edited.
        parts: Text of the kit's parts bin, by path: material to graft from, never served itself.
        donors: Texts of other candidates that passed the screen, newest first, each by path.
        guards: Metrics that must not get worse than their tolerance.
        evidence: What was tried so far and what came of it.
    """

    index: int
    seed: int
    goal: str
    metric: Metric
    surfaces: Mapping[str, tuple[str, ...]]
    files: Mapping[str, str]
    parts: Mapping[str, str] = field(default_factory=dict)
    donors: tuple[Mapping[str, str], ...] = ()
    guards: tuple[Metric, ...] = ()
    evidence: Evidence = field(default_factory=Evidence)
