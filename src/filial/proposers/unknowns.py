"""Names that a Python file uses and nobody defines."""

import builtins
import symtable
import warnings
from functools import lru_cache

_GIVEN = frozenset(dir(builtins)) | {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__file__",
    "__path__",
    "__module__",
    "__qualname__",
}


@lru_cache(maxsize=512)
def undefined_names(text: str) -> frozenset[str]:
    """Returns the global names that a file mentions and neither it nor Python defines.

    Empty if the file does not compile, or has a star import, which may define anything.

    What this does not cover: names that are defined too late, deleted, or put into ``globals()``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            top = symtable.symtable(text.removeprefix("\ufeff"), "<candidate>", "exec")
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
            return frozenset()
    bound = set(_GIVEN)
    mentioned: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            is_global = table is top or symbol.is_global()
            if is_global and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
            if is_global and symbol.is_referenced():
                mentioned.add(symbol.get_name())
    if "import *" in text:
        return frozenset()
    return frozenset(mentioned - bound)
