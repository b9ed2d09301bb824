"""What one draw may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random  # noqa: TID251 - the draw's generator, seeded by the brief

from filial.core import Metric
from filial.proposers.sites import Change, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The files one change may touch, and the material it may use.

    Attributes:
        sources: Editable, readable Python files, by path in path order.
        parts: Text of the parts bin, by path.
        donors: Texts of other candidates, each by path.
        metric: The primary metric.
    """

    sources: Mapping[str, Source]
    parts: Mapping[str, str]
    donors: tuple[Mapping[str, str], ...]
    metric: Metric

    def without(self, path: str) -> "Scope":
        """Returns the same scope less one file."""
        rest = {p: source for p, source in self.sources.items() if p != path}
        return replace(self, sources=rest)


Operator = Callable[[Random, Scope], Change | None]
"""Draws one change. None means that nothing in the scope lends itself to it, whatever the draw."""
