"""Cheap checks before any trial. They may only reject."""

import ast
import io
import tokenize
import warnings
from collections.abc import Container, Mapping
from functools import lru_cache

from filial.core import Failure, FailureKind

_DISGUISED = "1: its declared encoding makes it another program than the one that is shown"


def screen(files: Mapping[str, str], tree: str, known: Container[str]) -> Failure | None:
    """Returns the first reason not to try a candidate, cheapest first, or None.

    Args:
        files: Text of every file by path.
        tree: Id of the candidate's tree.
        known: Ids of the trees judged before.
    """
    return duplicate(tree, known) or syntax(files)


def duplicate(tree: str, known: Container[str]) -> Failure | None:
    """Returns DUPLICATE if this very tree was judged before."""
    if tree in known:
        return Failure(kind=FailureKind.DUPLICATE, detail="the same tree was judged before")
    return None


def syntax(files: Mapping[str, str]) -> Failure | None:
    """Returns SYNTAX with ``path:line`` for the first ``.py`` file that does not parse.

    Nothing is executed, and texts seen before are not parsed again.

    What this does not cover: what the compiler finds only after parsing, such as a ``return``
    outside a function; the trial will.
    """
    for path, text in files.items():
        wrong = _wrong(text) if path.endswith(".py") else None
        if wrong:
            return Failure(kind=FailureKind.SYNTAX, detail=f"{path}:{wrong}")
    return None


@lru_cache(maxsize=1024)
def _wrong(text: str) -> str | None:
    """Returns ``line: message`` if ``text`` does not parse as Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shown = ast.parse(text.removeprefix("\ufeff"))
            declared, _ = tokenize.detect_encoding(io.BytesIO(text.encode()).readline)
            if not declared.startswith("utf-8"):
                runs = ast.parse(text.encode())
                return None if ast.dump(runs) == ast.dump(shown) else _DISGUISED
    except SyntaxError as error:
        return f"{error.lineno or 1}: {error.msg}"
    except ValueError as error:  # a NUL, or a number of too many digits
        return f"1: {error}"
    except (RecursionError, MemoryError):  # the parser's own limit, not the machine's
        return "1: too deeply nested"
    return None
