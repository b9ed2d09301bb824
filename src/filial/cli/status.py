"""``filial status``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def status(
    folder: StudyDir = HERE,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Show where a study stands. Works beside a run, too."""
    from rich.console import Console

    from filial.reports import as_json, summarise, tables
    from filial.study import Study

    study = Study(folder)
    history = study.history()
    if json:
        typer.echo(as_json(summarise(history, study.primary)))
        return
    Console().print(tables.status(history, study.settings.budget.ceilings(), study.primary))
