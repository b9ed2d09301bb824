"""``filial bench``."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  filial bench gate                        all worlds, all rules: some minutes
  filial bench gate --quick                a first impression, in seconds
  filial bench gate --repeats 20 --figure gate.svg --json >gate.json

The same seed gives the same numbers, whatever the number of workers.
"""
_REPEATS = 100
_QUICK_REPEATS = 3

app = typer.Typer(
    help="See by simulation what rules of promotion are worth.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def bench() -> None:
    """See by simulation what rules of promotion are worth."""


@app.command(epilog=EXAMPLES)
def gate(
    repeats: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help=f"Streams of each rule in each world. Default: {_REPEATS}; "
            f"{_QUICK_REPEATS} with --quick.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Seed of all chance.")] = 0,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Streams at a time.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    figure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the results here, as SVG.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Shorter streams, and fewer.")] = False,
) -> None:
    """Compare rules of promotion on simulated streams of candidates, the real gate among them.

    Streams mix candidates that do nothing, harm or gain, in worlds with more or less pleasant
    noise. For each rule: how many it promotes, how many of those are no gain, what is truly gained
    and at what cost.
    """
    import os

    from rich.console import Console

    from filial.bench import as_json, draw, n_streams, simulate, tables
    from filial.cli.progress import Progress
    from filial.errors import ConfigError

    if figure is not None and not figure.parent.is_dir():
        raise ConfigError(f"there is no folder {figure.parent} to draw {figure.name} in")
    n_repeats = repeats or (_QUICK_REPEATS if quick else _REPEATS)
    total = n_streams(n_repeats)
    with Progress("simulating", total, Console(stderr=True)) as progress:
        report = simulate(
            seed,
            n_repeats,
            workers=workers or len(os.sched_getaffinity(0)),
            quick=quick,
            watcher=lambda entry: progress.advance(f"{entry.world.name}: {entry.competitor.name}"),
        )
    if figure is not None:
        figure.write_text(draw(report), encoding="utf-8")
    if json:
        typer.echo(as_json(report))
    else:
        Console().print(tables.card(report))
