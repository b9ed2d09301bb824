"""``filial diff``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def diff(
    before: Annotated[str, typer.Argument(help="A generation (F1), proposal or candidate.")],
    after: Annotated[str, typer.Argument(help="Another.")],
    folder: StudyDir = HERE,
) -> None:
    """Print the difference between two candidates as a unified diff."""
    from filial.study import Study

    study = Study(folder)
    history = study.history()
    sides = [history.find(which).candidate.id for which in (before, after)]
    typer.echo(study.workspace.diff(*sides), nl=False)
