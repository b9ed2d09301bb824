"""``filial stop``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def stop(
    folder: StudyDir = HERE,
    now: Annotated[
        bool, typer.Option("--now", help="Kill it within a second instead of asking.")
    ] = False,
) -> None:
    """Stop a running study; what is finished stays, and ``filial run`` goes on from there."""
    from filial.cli.terminal import kill
    from filial.storages.lock import holder
    from filial.study import Paths

    paths = Paths(folder.resolve())
    pid = holder(paths.state / "lock")
    if pid is None:
        typer.echo(f"{folder}: no run to stop")
        return
    if now:
        kill(pid)
        typer.echo(f"{folder}: killed process {pid}")
        return
    paths.stop.touch()
    typer.echo(f"{folder}: asked process {pid} to stop")
