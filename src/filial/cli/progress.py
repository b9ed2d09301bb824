"""A bar that counts."""

from types import TracebackType
from typing import Self

from rich import progress as bars
from rich.console import Console, RenderableType

_LONGEST = 40


class Progress:
    """A bar that says how many are done and which was the last; silent without a terminal.

    Args:
        what: What is done, before there is anything to name.
        total: How many there are.
        console: Where to draw.
    """

    def __init__(self, what: str, total: int, console: Console) -> None:
        self._bars = bars.Progress(
            bars.TextColumn("{task.description}", markup=False),
            bars.BarColumn(),
            bars.MofNCompleteColumn(),
            bars.TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bars.add_task(what, total=total)

    def advance(self, name: str) -> None:
        """Counts one more, which is called ``name``."""
        self._bars.update(self._task, advance=1, description=name[:_LONGEST])

    def say(self, text: RenderableType) -> None:
        """Writes what stays on the screen, above the bar; without a terminal, too."""
        self._bars.console.print(text)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()
