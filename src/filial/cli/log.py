"""``filial log``."""

from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def log(
    folder: StudyDir = HERE,
    last: Annotated[int, typer.Option("-n", "--last", metavar="N", min=1, help="How many.")] = 30,
) -> None:
    """List the latest candidates and what became of them."""
    from rich.console import Console

    from filial.reports import tables
    from filial.study import Study

    study = Study(folder)
    Console().print(tables.log(study.history(), study.primary, last))
