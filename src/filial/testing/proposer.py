"""A proposer that says what it was told to say."""

from collections.abc import Sequence

from filial.core import Brief, Proposal


class ScriptedProposer:
    """Returns the given proposals by ``brief.index``, then None.

    Args:
        proposals: Proposal *n* answers brief *n*; None where it has nothing to say.
    """

    name = "scripted"

    def __init__(self, proposals: Sequence[Proposal | None]) -> None:
        self._proposals = tuple(proposals)

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns proposal number ``brief.index``, or None beyond the last."""
        if brief.index >= len(self._proposals):
            return None
        return self._proposals[brief.index]
