"""``filial run``."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from filial.cli.options import HERE, StudyDir

_PAUSED = 3
EXAMPLES = """\b
Examples:
  filial run studies/sums
  filial run studies/bytelm --workers 2
  filial run studies/sums --json

Exit code: 0 at the end or after 'filial stop', 3 if it paused because no model answers, 130 after
Ctrl-C, 143 after SIGTERM, 1 after an error. Whatever it is, nothing that was finished is lost.
"""


def run(
    folder: StudyDir = HERE,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Trials at a time. Default: one for each CPU."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print nothing but one JSON line at the end.")
    ] = False,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Call no provider: answers come from DIR/calls alone."),
    ] = False,
) -> None:
    """Run a study, or go on where it stopped."""
    from rich.console import Console

    from filial.authors import Access
    from filial.cli.terminal import ask_in
    from filial.models.fetching import cache_folder
    from filial.reports import LiveView, QuietView, as_json, summarise
    from filial.running import Surroundings
    from filial.running import run as run_study
    from filial.stopping import StopSwitch
    from filial.study import Study

    study = Study(folder)
    n_workers = workers or len(os.sched_getaffinity(0))
    budget = study.settings.budget.ceilings()
    view = (
        QuietView()
        if json
        else LiveView(budget, study.primary, n_workers, Console(), time.monotonic)
    )
    stop = StopSwitch(study.paths.stop)
    with view:
        reason = run_study(
            study,
            Surroundings(
                workers=n_workers,
                listener=view.event,
                watcher=view.worker,
                question=ask_in(view, stop.check),
                person=os.environ.get("USER", "terminal"),  # noqa: TID251 - who is asked
                stop=stop,
                access=Access(
                    environment=os.environ,  # noqa: TID251 - holds the keys of providers
                    cache=cache_folder(os.environ),  # noqa: TID251 - and says where models are
                    offline=offline,
                ),
            ),
        )
    history = study.history()
    if json:
        typer.echo(as_json(summarise(history, study.primary)))
    else:
        typer.echo(_ending(reason, budget.exhausted_by(history.spend), folder))
    if stop.signal:
        raise typer.Exit(128 + stop.signal)
    raise typer.Exit(_PAUSED if reason.startswith("paused") else 0)


def _ending(reason: str, ceiling: str | None, folder: Path) -> str:
    """Returns why it ended, and what can be done next."""
    from filial.reports.numbers import setting

    if reason.startswith(("stopped", "paused")):
        return f"{reason}; all that was finished is on record. Go on: filial run {folder}"
    more = ""
    if ceiling is not None:
        more = f" To go on, raise {setting(ceiling)} in study.toml."
    return f"{reason}.{more} Report: filial report {folder}"
