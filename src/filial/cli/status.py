"""``filial status``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def status(
    folder: StudyDir = HERE,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Show where a study stands, and whether it can be trusted. Works beside a run, too."""
    from rich.console import Console

    from filial.cli.terms import terms_of
    from filial.reports import as_json, assess, summarise, tables
    from filial.study import Study

    study = Study(folder)
    history, primary, terms = study.history(), study.primary, terms_of(study)
    if json:
        trust = assess(history, primary, terms)
        typer.echo(as_json(summarise(history, primary), trust))
        return
    Console().print(tables.status(history, study.settings.budget.ceilings(), primary, terms))
