"""How far candidate code was kept away from the rest."""

from filial.reports.check import Check, State, Subject
from filial.reports.words import one_line

_WORDS = {
    "L0": "nothing keeps candidates away",
    "L1": "limits, but no isolation",
    "L2": "files and system calls are restricted, processes are seen",
}
_NONE = ("L0", "L1")


def isolation(subject: Subject) -> Check:
    """Returns whether all trials ran isolated; the weakest level counts."""
    levels = subject.levels
    text = "No trial has run yet."
    state, remedy = State.OPEN, ""
    if levels:
        weakest = levels[0]
        state = State.FAILED if weakest in _NONE else State.HELD
        words = f": {_WORDS[weakest]}" if weakest in _WORDS else ""
        text = f"Trials ran at level {one_line(', '.join(levels), 60)}{words}."
    if state is State.FAILED:
        remedy = "Candidates could have reached anything: see filial sandbox for what is missing."
    return Check(
        key="isolation",
        title="Isolation",
        state=state,
        text=text,
        remedy=remedy,
        numbers={"weakest": float(levels[0][1:]) if levels and levels[0][1:].isdigit() else None},
    )
