"""``filial diff``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial diff F0 F3 studies/sums
  filial diff F2 17 studies/sums
"""


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="BEFORE", help="A generation (F1), a proposal (17) or a candidate's id."
        ),
    ],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Another one.")],
    folder: StudyDir = HERE,
) -> None:
    """Print the difference between two candidates as a unified diff."""
    from filial.study import Study

    study = Study(folder)
    history = study.history()
    sides = [history.find(which).candidate.id for which in (before, after)]
    typer.echo(study.workspace.diff(*sides), nl=False)
