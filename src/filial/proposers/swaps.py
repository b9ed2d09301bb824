"""SEARCH/REPLACE pairs, applied to a text."""

import re

_N_QUOTED = 6  # lines
_LONGEST_QUOTED = 120  # characters of a line
_WORDS = re.compile(r"\w+")


class NoPlace(Exception):
    """The text has no place, or more than one, where the pair fits; the message quotes lines."""


def swap(text: str, search: str, replace: str) -> str:
    """Returns ``text`` with the lines of ``search`` replaced by those of ``replace``.

    The lines must occur once: exactly; or else but for white space, and then the replacement is
    indented as the lines it replaces are.

    Args:
        text: Lines that end in line feeds, but for the last, which may end in nothing.
        search: Whole lines.
        replace: Whole lines, or nothing.

    Raises:
        NoPlace: The lines occur nowhere, or more than once.
    """
    search = search.strip("\n") + "\n"
    if not search.strip():
        raise NoPlace("its SEARCH part is empty; quote the lines that are to be replaced")
    ended = text if text.endswith("\n") else f"{text}\n"
    at = _only_place(ended, search)
    if at is not None:
        return ended[:at] + replace + ended[at + len(search) :]
    return _swap_loosely(ended, search, replace)


def nearest(text: str, search: str) -> str:
    """Returns the numbered lines of ``text`` that have most words in common with ``search``."""
    lines, wanted = text.split("\n"), set(_WORDS.findall(search))
    n_lines = min(_N_QUOTED, max(1, search.strip("\n").count("\n") + 1))
    shared = [len(wanted.intersection(_WORDS.findall(line))) for line in lines]
    best, at, window = 0, 0, 0
    for i, n in enumerate(shared):
        window += n - (shared[i - n_lines] if i >= n_lines else 0)
        if window > best:
            best, at = window, max(0, i - n_lines + 1)
    shown = range(at, min(len(lines), at + n_lines))
    return "\n".join(f"{i + 1}: {lines[i][:_LONGEST_QUOTED]}" for i in shown)


def _only_place(text: str, search: str) -> int | None:
    """Returns where whole lines occur, None if nowhere; raises NoPlace if more than once."""
    framed, wanted = f"\n{text}", f"\n{search}"
    first = framed.find(wanted)
    if first < 0:
        return None
    second = framed.find(wanted, first + 1)
    if second >= 0:
        numbers = " and ".join(str(framed.count("\n", 0, at) + 1) for at in (first, second))
        raise NoPlace(f"its SEARCH lines occur in lines {numbers}; quote more lines around them")
    return first


def _swap_loosely(text: str, search: str, replace: str) -> str:
    lines = text.split("\n")[:-1]
    wanted = search.split("\n")[:-1]
    squeezed = "".join(f"{_squeezed(line)}\n" for line in lines)
    at = _only_place(squeezed, "".join(f"{_squeezed(line)}\n" for line in wanted))
    if at is None:
        raise NoPlace(f"its SEARCH lines do not occur; the nearest are\n{nearest(text, search)}")
    first = squeezed.count("\n", 0, at)
    found = lines[first : first + len(wanted)]
    moved = _moved(replace.split("\n")[:-1], _indent(wanted), _indent(found))
    return "".join(f"{line}\n" for line in (*lines[:first], *moved, *lines[first + len(found) :]))


def _squeezed(line: str) -> str:
    return " ".join(line.split())


def _indent(lines: list[str]) -> str:
    """Returns the white space before the first line that is not blank."""
    line = next((line for line in lines if line.strip()), "")
    return line[: len(line) - len(line.lstrip())]


def _moved(lines: list[str], before: str, after: str) -> list[str]:
    """Returns lines whose indentation ``before`` has become ``after``."""
    if before == after:
        return lines
    if not before:
        return [after + line if line.strip() else line for line in lines]
    return [after + line[len(before) :] if line.startswith(before) else line for line in lines]
