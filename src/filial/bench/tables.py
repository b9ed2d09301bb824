"""The simulation study for people: a table for each world."""

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.table import Table as RichTable
from rich.text import Text

from filial.bench.plan import ITEM_WORLDS
from filial.bench.report import Report, Table
from filial.bench.scores import Score

HEADER = ("promoted", "false share", "any false", "true gain", "claimed / true")
_LEGEND = """\
promoted        candidates that a stream promotes, on average
false share     how many of them truly gain nothing; 0 where none is promoted
any false       streams that promote at least one of those
true gain       what all promotions of a stream truly gain, losses included
claimed / true  what they claim to gain, over what they truly gain
builds each     builds that a candidate costs, its share of the incumbent's
                included; of items: exams"""
_WIDTHS = (8, 14, 5, 13, 7, 6)


def cells(score: Score, *, is_share: bool) -> tuple[str, ...]:
    """Returns the columns of ``HEADER``, and then the cost.

    Args:
        score: The score.
        is_share: Whether gains are in accuracy rather than sigma, and so of three decimals.
    """
    digits = 3 if is_share else 1
    ratio = score.claimed_per_true
    return (
        f"{score.promotions:.3g}" if score.promotions < 100 else f"{score.promotions:.0f}",
        f"{100 * score.fdr:.1f} ± {100 * score.fdr_error:.1f} %",
        f"{score.spoilt:.0%}".replace("%", " %"),
        f"{score.true_gain:.{digits}f} ± {score.true_gain_error:.{digits}f}",
        "-" if ratio is None else f"{ratio:.2f}",
        f"{score.cost:.2f}",
    )


def unit(table: Table) -> tuple[str, bool]:
    """Returns what a table's cost is counted in, and whether its gains are in accuracy."""
    is_share = table.world in {world.name for world in ITEM_WORLDS}
    return ("exams" if is_share else "builds"), is_share


def card(report: Report) -> RenderableType:
    """Returns a table for each world, and one of our own rule's settings."""
    return Group(*_parts(report))


def _parts(report: Report) -> Iterator[RenderableType]:
    for table in report.tables:
        cost, is_share = unit(table)
        title = f"{table.world}: {table.title}. Streams of {table.n_candidates:,}."
        yield _table(title, table.scores, cost, is_share=is_share)
    yield _table("Filial in mixed, one number changed", report.curve, "builds", is_share=False)
    yield Text(
        f"{report.repeats} streams of each rule in each world, seed {report.seed}. Gains are in "
        "sigma of a paired difference, those of items in accuracy; ± is one standard error. The "
        "last table is of a fifth of the streams.\n\n" + _LEGEND
    )


def _table(title: str, scores: Mapping[str, Score], cost: str, *, is_share: bool) -> RichTable:
    table = RichTable(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None,
        header_style="dim",
        collapse_padding=True,
    )
    table.add_column("", no_wrap=True)
    for name, width in zip((*HEADER, f"{cost} each"), _WIDTHS, strict=True):
        table.add_column(name, justify="right", width=width)
    for name, score in scores.items():
        table.add_row(name, *cells(score, is_share=is_share))
    table.add_row()
    return table
