"""Local variables that can be renamed without changing what a function does."""

from dataclasses import dataclass, field
from functools import lru_cache

from filial.proposers.sites import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """A local variable of one function.

    Attributes:
        function: Name of the function.
        name: Name of the variable.
        spans: Every place that mentions it.
    """

    function: str
    name: str
    spans: tuple[Span, ...] = field(repr=False)


@lru_cache(maxsize=256)
def local_variables(text: str) -> tuple[Local, ...]:
    """Returns the local variables of the top-level functions of ``text``, which `scan` can read.

    A variable counts only if every mention of its name in the function is a plain read or write:
    parameters, attributes, keyword arguments, imports and nested definitions of that name rule it
    out. Functions that look at their own names (``locals()``, ``eval``, ``f"{x=}"``), match
    patterns or define classes are left out.
    """
    from filial.proposers.mentions import find_locals  # noqa: PLC0415 - imports LibCST

    return find_locals(text)
