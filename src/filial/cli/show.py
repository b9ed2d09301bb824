"""``filial show``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def show(
    which: Annotated[
        str, typer.Argument(help="A generation (F2), a proposal (17) or a candidate's id.")
    ],
    folder: StudyDir = HERE,
) -> None:
    """Show one candidate: hypothesis, evidence, verdict and diff."""
    from rich.console import Console

    from filial.reports import tables
    from filial.study import Study

    study = Study(folder)
    history = study.history()
    standing = history.find(which)
    parent = standing.candidate.parent
    text = study.workspace.diff(parent, standing.candidate.id) if parent else ""
    Console().print(tables.show(standing, history, study.primary, diff=text))
