"""How a run is asked to stop: Ctrl-C, a signal, or a file somebody else made."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from filial.errors import Stopped


class StopSwitch:
    """Turns requests to stop into ``Stopped`` at the next safe point.

    Args:
        file: Its existence is a request, made by ``filial stop``.

    Attributes:
        signal: Number of the signal that was the request, None if there was none.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._reason: str | None = None
        self._is_patient = True
        self.signal: int | None = None

    def check(self) -> None:
        """Does nothing, or raises.

        Raises:
            Stopped: Somebody asked for it.
        """
        if self._reason is None and self._file.exists():
            self._reason = "stopped by request"
        if self._reason is not None:
            raise Stopped(self._reason)

    @contextmanager
    def armed(self) -> Iterator[None]:
        """Listens to Ctrl-C and SIGTERM while the context lasts; a second one interrupts hard."""
        self._file.unlink(missing_ok=True)
        caught = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._on_signal) for number in caught}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._file.unlink(missing_ok=True)

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Lets a signal raise ``Stopped`` where it strikes: for work that may be cut off."""
        self._is_patient = False
        try:
            yield
        finally:
            self._is_patient = True

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._reason is not None:
            raise KeyboardInterrupt
        self.signal = number
        self._reason = f"stopped by {signal.Signals(number).name}"
        if not self._is_patient:
            raise Stopped(self._reason)
