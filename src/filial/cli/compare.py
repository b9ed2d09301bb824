"""``filial compare``."""

import os
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def compare(
    before: Annotated[str, typer.Argument(help="A generation, e.g. F0.")],
    after: Annotated[str, typer.Argument(help="A later one, e.g. F3.")],
    folder: StudyDir = HERE,
    seeds: Annotated[int, typer.Option(min=2, help="Fresh seeds for each side.")] = 5,
    workers: Annotated[int | None, typer.Option(min=1, help="Trials at a time.")] = None,
) -> None:
    """Compare two generations on the sealed split, on fresh seeds. Every look is on record."""
    from filial.auditing import audit
    from filial.running import Surroundings
    from filial.study import Study

    study = Study(folder)
    around = Surroundings(workers=workers or len(os.sched_getaffinity(0)))
    found = audit(study, before, after, seeds, around)
    gains = found.differences
    typer.echo(
        f"{after} against {before} on the sealed split: {study.primary.name} "
        f"{sum(gains) / len(gains):+.4g} {study.primary.unit} "
        f"[{found.lower:+.4g}, {found.upper:+.4g}], n = {len(gains)}"
    )
