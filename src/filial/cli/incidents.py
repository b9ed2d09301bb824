"""``filial incidents``."""

import os
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial incidents studies/bytelm
  filial incidents studies/bytelm --close 1 --note "a backup job read the decoy"
  filial incidents studies/bytelm --close 2 --void --note "F3 was luck"

Whoever touched a decoy stays void with everything descended from it, whatever the note says: an
earlier generation is the incumbent again. A generation that did not hold up is void only with
--void.
"""


def incidents(
    folder: StudyDir = HERE,
    close: Annotated[
        int | None, typer.Option(metavar="N", help="Number of the incident to close.")
    ] = None,
    note: Annotated[
        str, typer.Option(metavar="TEXT", help="What came of it; needed to close it.")
    ] = "",
    void: Annotated[
        bool, typer.Option("--void", help="Make its culprit and all descendants void.")
    ] = False,
) -> None:
    """List what must not happen and did, or close one of them so that the study can go on."""
    from rich.console import Console

    from filial.core import History
    from filial.errors import ConfigError
    from filial.oversight import close_incident
    from filial.reports import incidents as table
    from filial.study import Study

    if (note or void) and close is None:
        raise ConfigError("--note and --void belong to an incident: name it with --close N")
    study = Study(folder)
    if close is not None:
        person = os.environ.get("USER", "terminal")  # noqa: TID251 - who closes it
        with study.storage() as storage:
            history = History.of(storage.events())
            storage.append(close_incident(history, close, by=person, note=note, voids=void))
        typer.echo(f"incident {close} is closed; what is void stays void")
        return
    history = study.history()
    if not history.incidents:
        typer.echo("no incidents")
        return
    Console().print(table(history))
