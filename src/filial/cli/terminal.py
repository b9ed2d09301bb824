"""What commands do with the terminal and with other processes."""

import os
import signal
import time
from collections.abc import Callable
from typing import Protocol


class Pausable(Protocol):
    """A view that can give the terminal back for a question."""

    def pause(self) -> None:
        """Stops drawing."""
        ...

    def go_on(self) -> None:
        """Draws again."""
        ...


def ask_in(view: Pausable) -> Callable[[str], str]:
    """Returns a function that puts a question while ``view`` is paused."""

    def ask(question: str) -> str:
        view.pause()
        try:
            return input(question)
        finally:
            view.go_on()

    return ask


def kill(pid: int) -> None:
    """Ends a run at once: it gets a second to close its ledger, its sandboxes die with it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + 0.8
        while time.monotonic() < deadline:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)
