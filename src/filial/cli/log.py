"""``filial log``."""

from io import StringIO
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

_WHOLE = 100_000  # columns: no line is longer


def log(
    folder: StudyDir = HERE,
    last: Annotated[int, typer.Option("-n", "--last", metavar="N", min=1, help="How many.")] = 30,
) -> None:
    """List the latest candidates and what became of them; cut to the width of a terminal only."""
    from rich.console import Console

    from filial.reports import tables
    from filial.study import Study

    study, console = Study(folder), Console()
    history = study.history()
    if console.is_terminal:
        console.print(tables.log(history, study.primary, last))
        return
    text = StringIO()
    whole = Console(file=text, width=_WHOLE)
    whole.print(tables.log(history, study.primary, last, is_cut=False))
    typer.echo("\n".join(line.rstrip() for line in text.getvalue().splitlines()))
