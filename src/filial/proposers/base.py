"""The proposer seam."""

from typing import Protocol

from filial.core import Brief, Proposal


class Proposer(Protocol):
    """Writes proposals.

    Contract:
        - ``propose`` is a function of the brief: the same brief gives the same proposal, also in
          another process and after a restart. ``brief.seed`` is the only source of chance.
        - It edits only paths on ``brief.surfaces``; the workspace refuses anything else anyway.
        - It never raises for an unusable idea or answer: it returns a proposal with a ``failure``.
        - None means that it has nothing (more) to say for this brief.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - an attribute

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns a proposal against ``brief.files``, or None if there is none."""
        ...
