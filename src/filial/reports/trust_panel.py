"""The checks of a study on a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from filial.reports.check import Check, State
from filial.reports.trust import Trust

STATE_STYLES = {State.HELD: "green", State.OPEN: "yellow", State.FAILED: "bold red"}
"""Colour of each state; its word is always there, too."""

STATE_WORDS = {State.HELD: "holds", State.OPEN: "not yet", State.FAILED: "FAILED"}
"""Each state for people."""


def trust_line(trust: Trust) -> Text:
    """Returns the answer with its reason, on one line."""
    return Text(trust.line, style=STATE_STYLES[trust.state])


def trust_panel(trust: Trust) -> RenderableType:
    """Returns the checks by what hangs on them, one line a check, what to do about it below."""
    parts: list[RenderableType] = []
    for weight, checks in trust.groups:
        parts += [Text(), Text(str(weight), style="dim"), _table(checks)]
    title = Text("Can I trust this study?", style="bold")
    return Panel(Group(*parts[1:]), title=title, title_align="left")


def _table(checks: Sequence[Check]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True, width=max(map(len, STATE_WORDS.values())))
    table.add_column(width=14)
    table.add_column(ratio=1)
    for check in checks:
        text = Text(check.text)
        if check.remedy:
            text.append(f"\n{check.remedy}", style="italic")
        state = Text(STATE_WORDS[check.state], style=STATE_STYLES[check.state])
        table.add_row(state, Text(check.title, style="bold"), text)
    return table
