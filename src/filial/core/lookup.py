"""What people mean by a candidate's name."""

from filial.core.history import History, Standing
from filial.errors import StudyError


def find(history: History, which: str) -> Standing:
    """Returns the standing of a generation (``"F2"``), a proposal (``"17"``) or an id.

    Args:
        history: The study's state.
        which: An id may be shortened to 4 or more characters if only one begins like that.

    Raises:
        StudyError: Nothing, or more than one candidate, is called that.
    """
    number = which[1:] if which[:1] in "Ff" else ""
    if _is_short(number) and int(number) < len(history.generations):
        return history.standings[history.generations[int(number)].candidate]
    if _is_short(which):
        found = [s for s in history.standings.values() if s.candidate.index == int(which)]
    else:
        found = [s for i, s in history.standings.items() if len(which) > 3 and i.startswith(which)]
    if len(found) != 1:
        known = f"F0 to F{len(history.generations) - 1}" if history.generations else "nothing yet"
        raise StudyError(
            f"{which!r} is {'ambiguous' if found else 'no candidate'}; generations: {known}; "
            "proposals and ids: see filial log"
        )
    return found[0]


def _is_short(text: str) -> bool:
    """Whether a text is a number that is no id: of fewer than 8 digits."""
    return text.isdecimal() and len(text) < 8
