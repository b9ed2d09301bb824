"""``filial compare``."""

import os
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

EXAMPLES = """\b
Examples:
  filial compare F0 F3 studies/bytelm
  filial compare F0 F1 studies/sums --seeds 10

It runs 2 N trials. No verdict rests on the sealed split, so the answer is unbiased; each
look wears it out a little and is counted as spend.
"""


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A generation, e.g. F0.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="A later one, e.g. F3.")],
    folder: StudyDir = HERE,
    seeds: Annotated[int, typer.Option(metavar="N", min=2, help="Seeds for each side.")] = 5,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Trials at a time.")
    ] = None,
) -> None:
    """Compare two generations on the sealed split. Seeds are fresh, every look is on record."""
    from rich.console import Console
    from rich.progress import Progress

    from filial.auditing import audit
    from filial.core import Event, History, TrialFinished
    from filial.errors import Stopped
    from filial.running import Surroundings
    from filial.stopping import StopSwitch
    from filial.study import Study

    study = Study(folder)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"{before} against {after}", total=2 * seeds)

        def advance(event: Event, _history: History) -> None:
            if isinstance(event.body, TrialFinished):
                progress.advance(task)

        n_workers = workers or len(os.sched_getaffinity(0))
        stop = StopSwitch(study.paths.stop)
        around = Surroundings(workers=n_workers, listener=advance, stop=stop)
        try:
            found = audit(study, before, after, seeds, around)
        except Stopped as stopped:
            typer.echo(f"filial: {stopped}; nothing was compared", err=True)
            raise typer.Exit(128 + stop.signal if stop.signal else 1) from None
    gains = found.differences
    gain = f"{sum(gains) / len(gains):+.4g} {study.primary.unit}".rstrip()
    typer.echo(
        f"{after} against {before} on the sealed split: {study.primary.name} {gain} "
        f"[{found.lower:+.4g}, {found.upper:+.4g}], n = {len(gains)}"
    )
