"""``filial plan``."""

import json as jsonlib
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from filial.cli.options import HERE, StudyDir

if TYPE_CHECKING:
    from rich.table import Table

    from filial.planning import Plan
    from filial.study import Study

EXAMPLES = """\b
Examples:
  filial plan studies/sums
  filial plan studies/bytelm --trials 8 --workers 2
  filial plan --json

It tries the initial code N times and puts nothing on record, so study.toml may change as often as
you like. A study that is calibrated is planned from its own A/A trials; no new ones are run.
"""


def plan(
    folder: StudyDir = HERE,
    trials: Annotated[
        int, typer.Option(metavar="N", min=3, help="A/A trials of the initial code.")
    ] = 6,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Trials at a time. Default: one for each CPU."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Say what a study can find out, and at what cost, before it spends its budget.

    The noise of a few A/A trials, the gate and the budget tell which gains can be detected at all.
    """
    from filial.study import Study

    study = Study(folder)
    made = _plan(study, trials, workers or len(os.sched_getaffinity(0)))
    if json:
        typer.echo(jsonlib.dumps(asdict(made)))
    else:
        _show(made)


def _plan(study: "Study", n_trials: int, workers: int) -> "Plan":
    from rich.console import Console
    from rich.progress import Progress

    from filial.errors import Stopped
    from filial.pilot import plan_study
    from filial.running import Surroundings
    from filial.stopping import StopSwitch

    console = Console(stderr=True)
    stop = StopSwitch(study.paths.stop)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("the initial code against itself", total=n_trials)
        around = Surroundings(workers=workers, stop=stop)
        try:
            return plan_study(study, n_trials, around, lambda: progress.advance(task))
        except Stopped as stopped:
            typer.echo(f"filial: {stopped}; nothing was planned", err=True)
            raise typer.Exit(128 + stop.signal if stop.signal else 1) from None


def _show(made: "Plan") -> None:
    from rich.console import Console, Group
    from rich.padding import Padding
    from rich.text import Text

    from filial.cli.advice import advice, answer

    parts = [Text(one) for one in answer(made)]
    parts += [Text(f"- {one}") for one in advice(made)]
    tables = [_gains(made), _facts(made)] if made.reach else [_facts(made)]
    source = (
        f"From the {made.n_trials} A/A trials of the study's own calibration."
        if made.is_recorded
        else "Nothing of this is on record: study.toml may still change."
    )
    Console().print(
        Group(*parts, *(Padding(t, (1, 0, 0, 0)) for t in tables), Text(f"\n{source}", "dim"))
    )


def _gains(made: "Plan") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from filial.cli.advice import number
    from filial.reports.numbers import share

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    heads = ("true gain", "in sigma", "passes the screen", "is then promoted", "pairs", "trials")
    for name in heads:
        table.add_column(name, justify="right", no_wrap=True)
    reach = made.reach
    for one in reach.chances if reach else ():
        mark = "bold" if reach and one.gain == reach.detectable else ""
        cells = (
            number(one.gain) if one.gain else "none",
            f"{one.sigmas:.2f}",
            share(one.passes),
            share(one.promoted),
            f"{one.pairs:.1f}",
            f"{2 * one.pairs:.0f}",
        )
        table.add_row(*(Text(cell, mark) for cell in cells))
    return table


def _facts(made: "Plan") -> "Table":
    from rich.text import Text

    from filial.cli.advice import number, with_unit
    from filial.reports.numbers import count, evidence
    from filial.reports.tables import grid

    costs, purse, table = made.costs, made.purse, grid()
    table.add_row(
        "A/A values", Text(f"{made.n_trials - made.n_failed}, mean {made.value:.5g} {made.unit}")
    )
    if made.reach:
        low, high = map(number, made.reach.sigma_range)
        table.add_row(
            "sigma", Text(f"{with_unit(made, made.noise.sigma)}, 95 % interval [{low}, {high}]")
        )
    wall, cpu = (" to ".join(map(_time, ends)) for ends in (costs.wall_range_s, costs.cpu_range_s))
    table.add_row("one trial", f"{_time(costs.wall_s)} of a worker ({wall} in the sandbox)")
    table.add_row("", f"{_time(costs.cpu_s)} of CPU time ({cpu})")
    if costs.trials_per_hour is not None:
        at_once = f"{made.workers} at a time"
        table.add_row("trials an hour", f"{count(costs.trials_per_hour)}, {at_once}")
    if made.threshold > 1:
        needs = f"needs E ≥ {evidence(made.threshold)} within {made.max_pairs} pairs"
        table.add_row("verdict", needs)
    if purse.n_audit:
        table.add_row("exam's audit", f"up to {count(purse.n_audit)} trials, beside the budget")
    if purse.n_calibration:
        table.add_row("calibration", f"{count(purse.n_calibration)} trials")
    if purse.gain_trials is not None:
        what = "from its screen to all that follows a promotion"
        table.add_row("one such gain", f"{count(purse.gain_trials)} trials, {what}")
    return table


def _time(seconds: float) -> str:
    """Returns a time span, in milliseconds where these are what matters."""
    from filial.reports.numbers import duration

    return duration(seconds) if seconds >= 1 else f"{1000 * seconds:.0f} ms"
