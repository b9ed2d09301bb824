"""``filial show``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial show F1 studies/sums
  filial show 17 studies/sums          proposal number 17, as in 'filial log'
  filial show ff4d4cc studies/sums     the beginning of a candidate's id, 4 letters or more
"""


def show(
    which: Annotated[
        str,
        typer.Argument(
            metavar="WHICH", help="A generation (F2), a proposal (17) or a candidate's id."
        ),
    ],
    folder: StudyDir = HERE,
) -> None:
    """Show one candidate: hypothesis, evidence, verdict and diff."""
    from rich.console import Console

    from filial.core import find
    from filial.reports import tables
    from filial.study import Study

    study = Study(folder)
    history = study.history()
    standing = find(history, which)
    parent = standing.candidate.parent
    text = study.workspace.diff(parent, standing.candidate.id) if parent else ""
    Console().print(tables.show(standing, history, study.primary, diff=text))
