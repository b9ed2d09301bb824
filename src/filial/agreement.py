"""Whether a decision on record is the one that its grounds lead to."""

import math
from dataclasses import fields, is_dataclass

from filial.core import ApprovalGiven, Body, Promoted

_DIGITS = 1e-6
"""Relative difference that other machines and libraries may make to a number."""
_ROUNDING = 1e-12
"""What is left of a difference of equal numbers."""
_TEXTS = {"reason"}


def difference(recorded: object, made: object, name: str = "") -> str | None:
    """Returns where two decisions differ, in words; None if they agree.

    Numbers may differ in their last digits. What is said for people may differ, too: words change
    from version to version.

    Args:
        recorded: What is on record.
        made: What it should be, of the same class.
        name: What it is called; empty for the whole.
    """
    if is_dataclass(made) and type(recorded) is type(made):
        for field in fields(made):
            if field.name not in _TEXTS:
                one, other = getattr(recorded, field.name), getattr(made, field.name)
                found = difference(one, other, f"{name}.{field.name}".removeprefix("."))
                if found is not None:
                    return found
        return None
    if isinstance(made, tuple) and isinstance(recorded, tuple) and len(made) == len(recorded):
        pairs = zip(recorded, made, strict=True)
        found_in = (difference(*pair, f"{name}[{i}]") for i, pair in enumerate(pairs))
        return next((found for found in found_in if found is not None), None)
    if recorded == made or _is_close(recorded, made):
        return None
    return f"{name} is {_shown(recorded)} there, and should be {_shown(made)}"


def subject_of(body: Body) -> str:
    """Returns the id of the candidate that a step of oversight is about; empty for others."""
    match body:
        case ApprovalGiven(candidate=candidate):
            return candidate
        case Promoted(generation=generation):
            return generation.candidate
        case _:
            return ""


def _is_close(one: object, other: object) -> bool:
    if not (isinstance(one, float) and isinstance(other, float)):
        return False
    return math.isclose(one, other, rel_tol=_DIGITS, abs_tol=_ROUNDING)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = type(value).__name__ if is_dataclass(value) else str(value)
    return text if len(text) <= 40 else f"{text[:12]}…"
