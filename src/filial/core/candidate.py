"""A tree under judgement."""

from dataclasses import dataclass

from filial.core.proposal import Arm, Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A buildable tree, and where it came from.

    Attributes:
        id: Digest of the git tree, hexadecimal; equal trees are equal candidates.
        index: Number of the proposal that made it; -1 for the initial code.
        parent: Id of the tree it was edited from; empty for the initial code.
        proposer: Name of the proposer.
        arm: What it is for.
        hypothesis: What it was meant to show.
        predicted: The effect stated beforehand, if any.
    """

    id: str
    index: int
    parent: str
    proposer: str
    arm: Arm
    hypothesis: str
    predicted: Prediction | None = None
