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
    from filial.reach import Reach
    from filial.study import Study

EXAMPLES = """\b
Examples:
  filial plan studies/sums
  filial plan studies/bytelm --trials 8 --workers 2
  filial plan --json

It tries the initial code N times and puts nothing on record, so study.toml may change as often as
you like. A study that is calibrated is planned from its own A/A trials; no new ones are run, and
once it has made 20 proposals the next ones are taken to fare like them. Until then it is not known
how many are duplicates, which use up budget.candidates but no trial.

"Can be detected" means: a candidate with that true gain has a chance of 80 % to get past the
screen, by its gain or by lot, and to be promoted. Sigma is the spread of the difference of two
equal candidates; a pair is one trial of each side; E is the evidence for a gain, as odds.
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
    tables = [_gains(made, made.reach)] if made.reach else []
    tables.append(_facts(made))
    source = (
        f"From the {made.n_trials} A/A trials of the study's own calibration."
        if made.is_recorded
        else "Nothing of this is on record: study.toml may still change."
    )
    Console().print(
        Group(*parts, *(Padding(t, (1, 0, 0, 0)) for t in tables), Text(f"\n{source}", "dim"))
    )


def _gains(made: "Plan", reach: "Reach") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from filial.cli.advice import number
    from filial.reports.numbers import share

    unit = f", {made.unit}" if made.unit else ""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    heads = (f"true gain{unit}", "in sigma", "past the screen", "then promoted", "in all")
    for name in (*heads, "pairs"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in reach.chances:
        mark = "bold" if one.gain == reach.detectable else ""
        cells = (
            number(one.gain) if one.gain else "none",
            f"{one.sigmas:.2f}",
            share(one.passes),
            share(one.promoted),
            share(one.passes * one.promoted),
            f"{one.pairs:.1f}",
        )
        table.add_row(*(Text(cell, mark) for cell in cells))
    return table


def _facts(made: "Plan") -> "Table":
    from rich.text import Text

    from filial.cli.advice import number, with_unit
    from filial.reports.numbers import count, counted, evidence
    from filial.reports.tables import grid

    costs, purse, table = made.costs, made.purse, grid()
    n_usable = made.n_trials - made.n_failed
    mean = f"of the initial code; mean {made.metric} {made.value:.5g} {made.unit}"
    table.add_row("A/A trials", Text(f"{n_usable} {mean}"))
    if made.reach:
        low, high = map(number, made.reach.sigma_range)
        sigma = f"{with_unit(made, made.noise.sigma)}, 95 % interval [{low}, {high}]"
        table.add_row("sigma", Text(f"{sigma}: spread of the difference of two equal candidates"))
    wall, cpu = (" to ".join(map(_time, ends)) for ends in (costs.wall_range_s, costs.cpu_range_s))
    table.add_row("one trial", f"{_time(costs.wall_s)} of a worker's time ({wall} in the sandbox)")
    table.add_row("", f"{_time(costs.cpu_s)} of CPU time ({cpu})")
    if costs.trials_per_hour is not None:
        at_once = f"{made.workers} at a time (--workers)"
        table.add_row("trials an hour", f"{count(costs.trials_per_hour)}, {at_once}")
    if made.threshold > 1:
        odds = (
            f"E ≥ {evidence(made.threshold)} at the next confirmation, slowly more at later ones"
        )
        table.add_row("evidence wanted", odds)
    if purse.n_audit:
        audit = f"up to {counted(purse.n_audit, 'trial')}, not counted against the budget"
        table.add_row("exam's audit", audit)
    if purse.n_calibration:
        what = "of the initial code, at the start of the run"
        table.add_row("calibration", f"{counted(purse.n_calibration, 'trial')} {what}")
    if purse.gain_trials is not None:
        what = "screen, confirmation, replication, calibration of the new incumbent"
        table.add_row("one promotion", f"{counted(purse.gain_trials, 'trial')}: {what}")
    return table


def _time(seconds: float) -> str:
    """Returns a time span, in milliseconds where these are what matters."""
    from filial.reports.numbers import duration

    return duration(seconds) if seconds >= 1 else f"{1000 * seconds:.0f} ms"
