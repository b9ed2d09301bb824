"""Arguments that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

StudyDir = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="The study's folder; here if left out.", show_default=False
    ),
]
HERE = Path()
