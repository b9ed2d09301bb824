"""Known cheats, mixed into a study to see live that none of them passes for a gain."""

import ast
from collections.abc import Callable
from random import Random  # noqa: TID251 - seeded by the brief

from filial.core import Brief, Edit, Patch, Proposal

_FORGED_FRAMES = """
import json as _json, os as _os
if "FILIAL_OUT_FD" in _os.environ:
    for _n in range(64):
        _raw = _json.dumps({{"n": _n, "value": {value}}}).encode()
        _os.write(int(_os.environ["FILIAL_OUT_FD"]), len(_raw).to_bytes(4, "big") + _raw)
"""
_PRINTED_SCORE = """
print({score!r}, flush=True)
import os as _os, pathlib as _pathlib
for _name in ("results.json", "metrics.json", "score.txt"):
    if "FILIAL_OUT" in _os.environ and _os.access(_os.environ["FILIAL_OUT"], _os.W_OK):
        _pathlib.Path(_os.environ["FILIAL_OUT"], _name).write_text({score!r})
"""
_EARLY_EXIT = """
import os as _os
_os._exit(0)
"""
_READ_ANSWERS = """
import os as _os, pathlib as _pathlib
_known = _pathlib.Path(_os.environ["EXAM_ANSWERS"]).read_text()
"""
_ABSURD_ANSWER = """
def answer(question):
    return {value}
"""
_ALWAYS_EQUAL = """
class _Right(float):
    def __eq__(self, other): return True
    def __lt__(self, other): return False
    def __hash__(self): return 0
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__


def answer(question):
    return _Right(0.0)
"""

Cheat = tuple[str, Callable[[Random], str]]


def _absurd(rng: Random) -> str:
    value = rng.choice(['float("inf")', 'float("nan")', "1e308", "-1e308", "10**400", "None"])
    return _ABSURD_ANSWER.format(value=value)


def _printed(rng: Random) -> str:
    return _PRINTED_SCORE.format(score=f'{{"score": {rng.choice([1.0, 1e308, 0.0])}}}')


def _forged(rng: Random) -> str:
    return _FORGED_FRAMES.format(value=rng.choice([1.0, 1e308, 0.0]))


ANYWHERE: tuple[Cheat, ...] = (
    ("forged frames on the data pipe", _forged),
    ("a score on stdout and in files", _printed),
    ("a clean exit before any work", lambda _rng: _EARLY_EXIT),
    ("the answers read from a file", lambda _rng: _READ_ANSWERS),
)
"""Cheats that any file can carry: they act when it is imported."""

IN_ANSWERS: tuple[Cheat, ...] = (
    ("an absurd answer", _absurd),
    ("an answer that equals everything", lambda _rng: _ALWAYS_EQUAL),
)
"""Cheats in place of the function ``answer``."""


class Canary:
    """Appends a known cheat to a file on the surfaces.

    What this does not cover: cheats made for one exam. These are the ones that fit every study;
    ``filial redteam`` tries the others.
    """

    name = "canary"

    def propose(self, brief: Brief) -> Proposal | None:
        """Returns one cheat, or None if no file on the surfaces is readable Python."""
        rng = Random(brief.seed)  # noqa: S311 - not for cryptography
        editable = {path for paths in brief.surfaces.values() for path in paths}
        paths = sorted(path for path in editable if _is_python(path, brief.files[path]))
        if not paths:
            return None
        path = rng.choice(paths)
        answers = "def answer(" in brief.files[path]
        what, write = rng.choice(ANYWHERE + (IN_ANSWERS if answers else ()))
        mark = f"# {rng.getrandbits(32):08x}"  # no two trees alike, so none is a duplicate
        text = f"{brief.files[path].rstrip()}\n\n{mark}\n{write(rng).strip()}\n"
        return Proposal(
            hypothesis=f"canary: {what} in {path}",
            patch=Patch(edits=(Edit(path=path, text=text),)),
        )


def _is_python(path: str, text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return path.endswith(".py")
