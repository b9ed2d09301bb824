"""The plainest archive: always edit the incumbent."""

from filial.core import History


class IncumbentArchive:
    """Hill climbing: every proposal starts from the current generation."""

    def select(self, history: History, seed: int) -> str:  # noqa: ARG002 - chance plays no part
        """Returns the id of the incumbent."""
        return history.incumbent.candidate
