"""``filial incidents``."""

import os
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial incidents studies/bytelm
  filial incidents studies/bytelm --close 1 --note "a backup job read the decoy"

The culprit and everything descended from it stay void, whatever the note says: an earlier
generation is the incumbent again.
"""


def incidents(
    folder: StudyDir = HERE,
    close: Annotated[
        int | None, typer.Option(metavar="N", help="Number of the incident to close.")
    ] = None,
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="What came of it; needed to close it.")
    ] = "",
) -> None:
    """List what must not happen and did, or close one of them so that the study can go on."""
    from rich.console import Console

    from filial.core import History
    from filial.errors import ConfigError
    from filial.oversight import close_incident
    from filial.reports import incidents as table
    from filial.study import Study

    if note and close is None:
        raise ConfigError("--note belongs to an incident: name it with --close N")
    study = Study(folder)
    if close is not None:
        person = os.environ.get("USER", "terminal")  # noqa: TID251 - who closes it
        with study.storage() as storage:
            history = History.of(storage.events())
            storage.append(close_incident(history, close, by=person, note=note))
        typer.echo(f"incident {close} is closed; what is void stays void")
        return
    history = study.history()
    if not history.incidents:
        typer.echo("no incidents")
        return
    Console().print(table(history))
