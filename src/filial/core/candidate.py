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
        n_tokens: Length of the files on its surfaces, in Python tokens without comments; 0 where
            unknown.
    """

    id: str
    index: int
    parent: str
    proposer: str
    arm: Arm
    hypothesis: str
    predicted: Prediction | None = None
    n_tokens: int = 0

    def is_shorter_than(self, other: "Candidate") -> bool:
        """Whether it is known to have at least a twentieth fewer tokens than ``other``."""
        return 0 < 20 * self.n_tokens <= 19 * other.n_tokens
