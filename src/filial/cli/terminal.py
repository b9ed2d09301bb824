"""What commands do with the terminal."""

import os
import select
import sys
import termios
from collections.abc import Callable
from typing import Protocol

_CHECK_EVERY_S = 0.2
_STDIN = 0


class Pausable(Protocol):
    """A view that can give the terminal back for a question."""

    def pause(self) -> None:
        """Stops drawing."""
        ...

    def go_on(self) -> None:
        """Draws again."""
        ...


def ask_in(view: Pausable, check: Callable[[], None]) -> Callable[[str], str]:
    """Returns a function that puts a question while ``view`` is paused.

    The question goes to stderr, the answer is the next line of stdin; what was typed before the
    question is no answer to it. The function raises EOFError at the end of stdin and OSError
    where there is none.

    Args:
        view: What is drawn at that time.
        check: Called a few times a second while waiting; may raise to stop the run.
    """

    def ask(question: str) -> str:
        view.pause()
        try:
            if os.isatty(_STDIN):
                termios.tcflush(_STDIN, termios.TCIFLUSH)
            sys.stderr.write(question)
            sys.stderr.flush()
            return _read_line(check)
        finally:
            view.go_on()

    return ask


def _read_line(check: Callable[[], None]) -> str:
    """Returns the next line of stdin, read byte by byte: the one after it is not ours yet."""
    line = bytearray()
    while not line.endswith(b"\n"):
        while not select.select([_STDIN], [], [], _CHECK_EVERY_S)[0]:
            check()
        byte = os.read(_STDIN, 1)
        if not byte:
            raise EOFError("end of input")
        line += byte
    return line.decode(errors="replace")
