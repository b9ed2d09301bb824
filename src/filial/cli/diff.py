"""``filial diff``."""

import sys
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
    from filial.core import find
    from filial.reports import words
    from filial.study import Study

    study = Study(folder)
    history = study.history()
    sides = [find(history, which).candidate.id for which in (before, after)]
    text = study.workspace.diff(*sides)
    # Candidates must not steer a terminal. Anything else gets the text as it is: without
    # ``color``, echo would take escape sequences out.
    typer.echo(words.lines(text) if sys.stdout.isatty() else text, nl=False, color=True)
