"""The parts bin: alternatives that a kit declares for its own code.

A parts file has the path of the code file it serves: ``optim.py`` in the parts bin holds
alternatives for ``optim.py`` in the code. An alternative is a top-level function, class or
assignment of the same name as the one it may replace, with its declaration directly above::

    # alternative: warm-up then decay ends lower than a constant rate [expect loss -0.05]
    # needs: half_cosine
    # Loshchilov & Hutter 2016, arXiv 1608.03983
    def rate(step, n_steps):
        return half_cosine(step / n_steps)


    def half_cosine(share):
        return 0.5 * (1 + math.cos(math.pi * share))

``[expect METRIC CHANGE]`` at the end of the line is optional: by how much the primary metric is
expected to move, so a negative number is a gain where less is better. ``# needs:`` names
companions, which stand in the same parts file without a declaration and come along if the code
lacks them. Of the parts file's top-level imports, those that the alternative uses come along
likewise. Other comment lines of the block (citations) come along and take the place of those in
the code. Several alternatives of one name may stand in one file.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from filial.errors import StudyError
from filial.proposers.sites import Definition, Source, scan

ALTERNATIVE = "alternative:"
NEEDS = "needs:"
EXPECT = re.compile(r"\[expect\s+(?P<metric>\S+)\s+(?P<change>[^\]\s]+)\s*\]\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A declared replacement for a top-level definition.

    Attributes:
        path: The code file it is for.
        name: What it replaces.
        text: The new definition.
        hypothesis: Why it may be better, one sentence.
        expected: Name of a metric and the expected change of its value, if declared.
        needs: Names of companions that come along.
        comments: The other comment lines above it, each from its ``#``.
    """

    path: str
    name: str
    text: str
    hypothesis: str
    expected: tuple[str, float] | None = None
    needs: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def read_parts(path: str, text: str) -> tuple[Alternative, ...]:
    """Returns the alternatives that one parts file declares, in order.

    Args:
        path: The file's path in the parts bin; only ``.py`` files declare anything.
        text: Its text.

    Returns:
        The alternatives.

    Raises:
        StudyError: if the file is not valid Python, a declaration stands above nothing that can
            be replaced, has no sentence or an unreadable ``[expect ...]``, or needs a companion
            that the file does not define.
    """
    if PurePosixPath(path).suffix != ".py":
        return ()
    source = scan(text)
    if source is None:
        raise StudyError(f"parts/{path} is not valid Python")
    found = [_alternative(path, source, d) for d in source.definitions if _is_declared(d)]
    n_declared = sum(_starts(line, ALTERNATIVE) for line in text.splitlines())
    if n_declared != len(found):
        raise StudyError(
            f"parts/{path}: {n_declared} lines say '# {ALTERNATIVE}' but {len(found)} stand"
            " directly above a top-level function, class or assignment to one name"
        )
    return tuple(found)


def _alternative(path: str, source: Source, definition: Definition) -> Alternative:
    where = f"parts/{path}, line {definition.line}, {definition.name}"
    sentence = " ".join(_after(definition.comments, ALTERNATIVE))
    needs = tuple(",".join(_after(definition.comments, NEEDS)).replace(",", " ").split())
    expected = None
    expect = EXPECT.search(sentence)
    if expect:
        sentence = sentence[: expect.start()].strip()
        expected = expect["metric"], _number(expect["change"], where)
    elif "[expect" in sentence:
        raise StudyError(f"{where}: write the prediction as [expect METRIC CHANGE], at the end")
    sentence = sentence.removesuffix(".")  # it becomes part of a longer one
    if not sentence:
        raise StudyError(f"{where}: '# {ALTERNATIVE}' needs a sentence")
    for name in needs:
        companion = source.definition(name)
        if companion is None or _is_declared(companion):
            raise StudyError(
                f"{where}: needs {name!r}, which this file does not define as a companion"
            )
    return Alternative(
        path=path,
        name=definition.name,
        text=definition.text,
        hypothesis=sentence,
        expected=expected,
        needs=needs,
        comments=tuple(
            c for c in definition.comments if not _starts(c, ALTERNATIVE) and not _starts(c, NEEDS)
        ),
    )


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StudyError(f"{where}: the expected change {text!r} is not a number")
    return value


def _is_declared(definition: Definition) -> bool:
    return any(_starts(comment, ALTERNATIVE) for comment in definition.comments)


def _starts(line: str, word: str) -> bool:
    return line.startswith("#") and line.lstrip("#").strip().startswith(word)


def _after(comments: tuple[str, ...], word: str) -> list[str]:
    """Returns what follows ``word`` on the lines that start with it."""
    return [c.lstrip("#").strip().removeprefix(word).strip() for c in comments if _starts(c, word)]
