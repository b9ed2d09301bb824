"""``filial stop``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial stop studies/bytelm           at the next step, usually within a second
  filial stop studies/bytelm --now     kill it if it does not end at once
"""


def stop(
    folder: StudyDir = HERE,
    now: Annotated[
        bool, typer.Option("--now", help="End it at once, and kill it if need be.")
    ] = False,
) -> None:
    """Stop a running study. What is finished stays, and 'filial run' goes on from there."""
    from filial.cli.processes import kill
    from filial.config import load
    from filial.errors import HostError
    from filial.storages.lock import holder
    from filial.study import Paths

    paths = Paths(folder.resolve())
    load(paths.settings)
    pid = holder(paths.state / "lock")
    if pid is None:
        typer.echo(f"{folder}: no run to stop")
        return
    if now:
        if not kill(pid):
            raise HostError(
                f"process {pid} or something it started does not end; look at it with: "
                f"ps -o pid,stat,cmd --forest -g {pid}"
            )
        typer.echo(f"{folder}: process {pid} has ended")
        return
    paths.stop.touch()
    typer.echo(f"{folder}: asked process {pid} to stop")
