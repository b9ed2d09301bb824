"""``filial new KIT DIR``."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  filial new sums studies/sums
  filial new bytelm studies/bytelm --seed 7
"""


def new(
    kit: Annotated[str, typer.Argument(metavar="KIT", help="Name of a kit; see: filial kits.")],
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make.")],
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Seed of the study's proposals.")
    ] = None,
) -> None:
    """Make a new study from a kit. Everything in it is yours to change."""
    from filial.kits import copy

    copy(kit, folder, seed=seed)
    typer.echo(
        f"{folder} is a new study from the kit {kit!r}. Look at {folder / 'study.toml'}, then:\n"
        f"  filial run {folder}"
    )
