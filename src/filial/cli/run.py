"""``filial run``."""

import os
import time
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir


def run(
    folder: StudyDir = HERE,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Trials at a time. Default: one for each CPU.")
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print nothing but one JSON line at the end.")
    ] = False,
) -> None:
    """Run a study, or go on where it stopped."""
    from rich.console import Console

    from filial.cli.terminal import ask_in
    from filial.reports import LiveView, QuietView, as_json, summarise
    from filial.running import Surroundings
    from filial.running import run as run_study
    from filial.study import Study

    study = Study(folder)
    n_workers = workers or len(os.sched_getaffinity(0))
    budget = study.settings.budget.ceilings()
    view = (
        QuietView()
        if json
        else LiveView(budget, study.primary, n_workers, Console(), time.monotonic)
    )
    with view:
        reason = run_study(
            study,
            Surroundings(
                workers=n_workers,
                listener=view.event,
                watcher=view.worker,
                question=ask_in(view),
                person=os.environ.get("USER", "terminal"),  # noqa: TID251 - who is asked
            ),
        )
    history = study.history()
    if json:
        typer.echo(as_json(summarise(history, study.primary)))
        return
    typer.echo(f"{reason}. Report: filial report {folder} · go on: filial run {folder}")
