"""Proposers whose model does not answer: the others go on, and nothing is done twice in vain."""

from filial.core import Failure, FailureKind
from filial.errors import Stopped

_PATIENCE = 3
"""Failures in a row after which a model that is only busy counts as silent."""


class Silence:
    """Remembers, for one run, which proposers have no model to speak of, and why."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._n_in_vain: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._reasons

    def heed(self, name: str, failure: Failure | None) -> None:
        """Takes in how a proposal of ``name`` came out."""
        kind = failure.kind if failure else None
        if failure is None or kind not in {FailureKind.MODEL, FailureKind.MODEL_BUSY}:
            self._n_in_vain[name] = 0
            return
        self._n_in_vain[name] = self._n_in_vain.get(name, 0) + 1
        if kind is FailureKind.MODEL or self._n_in_vain[name] == _PATIENCE:
            self._reasons[name] = failure.detail

    def check(self) -> None:
        """Raises Stopped with all reasons if there are any: whoever is left has nothing to say."""
        if self._reasons:
            why = "; ".join(f"{name}: {reason}" for name, reason in self._reasons.items())
            raise Stopped(f"paused, for no model answers ({why})")
