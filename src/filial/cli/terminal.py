"""What commands do with the terminal and with other processes."""

import os
import select
import signal
import sys
import termios
from collections.abc import Callable
from typing import Protocol

_CHECK_EVERY_S = 0.2
_GRACE_S = 0.8
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


def kill(pid: int) -> bool:
    """Ends a run at once: it gets a second to close its ledger, its sandboxes die with it.

    Returns:
        Whether it has ended.
    """
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal.pidfd_send_signal(process, number)
            if select.select([process], [], [], _GRACE_S)[0]:
                return True
    except ProcessLookupError:
        return True
    finally:
        os.close(process)
    return False
