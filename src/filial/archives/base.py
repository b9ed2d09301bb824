"""The archive seam."""

from typing import Protocol

from filial.core import History


class Archive(Protocol):
    """Chooses which tree the next proposal edits.

    Contract: ``select`` is a function of the history and the seed, and returns the id of a
    candidate in ``history.standings``. It may return the incumbent or a promising relative; it
    never returns a candidate that was VOID.
    """

    def select(self, history: History, seed: int) -> str:
        """Returns the id of the next parent."""
        ...
