"""The score card for people."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from filial.redteam.bench import Ending
from filial.redteam.card import Count, by_class


def card(endings: Sequence[Ending], level: str) -> RenderableType:
    """Returns the totals by class, and a line for everything that went wrong or otherwise."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left")
    table.add_column("class")
    for name in ("attacks", "escapes", "honest twins", "over-blocked", "side effects"):
        table.add_column(name, justify="right")
    for group, count in by_class(endings).items():
        table.add_row(group, *_cells(count))
    table.add_row(Text("all", style="bold"), *_cells(Count.of(endings)), end_section=True)
    told = [line(e) for e in endings if e.is_lost or e.is_unexpected]
    return Group(Text(f"level {level}", style="bold"), table, *told)


def _cells(count: Count) -> tuple[Text, ...]:
    attacks = Text(str(count.cases - count.twins))
    bad = (count.escapes, count.over_blocks, count.side_effects)
    escapes, over_blocks, effects = (Text(str(n), style="bold red" if n else "green") for n in bad)
    return attacks, escapes, Text(str(count.twins)), over_blocks, effects


def line(ending: Ending) -> Text:
    """Returns how one specimen ended, and what it achieved or why it was refused."""
    what = "; ".join((*ending.escapes, *ending.damage)) or f"{ending.outcome}: {ending.detail}"
    word = "REFUSED" if ending.is_over_block else "ESCAPED" if ending.is_lost else "unexpected"
    text = f"{word} {ending.specimen.name}: {what}"
    style = "bold red" if ending.is_lost else "yellow"
    return Text(" ".join(text.split())[:300], style=style)
