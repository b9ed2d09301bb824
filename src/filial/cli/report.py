"""``filial report``."""

from pathlib import Path
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial report studies/sums
  filial report studies/sums --output sums.html
"""


def report(
    folder: StudyDir = HERE,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="HTML file. Default: DIR/report.html."
        ),
    ] = None,
) -> None:
    """Write the study's report: one HTML file that opens offline."""
    from filial.cli.terms import terms_of
    from filial.reports import write_report
    from filial.study import Study

    study = Study(folder)
    path = output or folder / "report.html"
    history = study.history()
    write_report(
        path,
        history,
        budget=study.settings.budget.ceilings(),
        primary=study.primary,
        diffs=study.generation_diffs(history),
        terms=terms_of(study),
    )
    typer.echo(f"wrote {path}")
