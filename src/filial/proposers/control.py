"""The control arm: what edits without memory achieve at equal budget."""

from dataclasses import replace

from filial.core import Brief, Proposal
from filial.proposers.base import Proposer


class Control:
    """Independent, identically distributed proposals.

    The engine hands it briefs of the initial code; this class drops what other candidates have
    found, keeps the parts bin, and lets ``inner`` draw. What the main arm achieves beyond it is
    the worth of selection and of the proposers' intelligence.
    """

    name = "control"

    def __init__(self, inner: Proposer) -> None:
        self._inner = inner

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns ``inner``'s proposal for the brief without donors."""
        return self._inner.propose(replace(brief, donors=()))
