"""``filial redteam``."""

import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """\b
Examples:
  filial redteam                        every documented attack, at the best level here
  filial redteam --level L2 --only containment
  filial redteam --study studies/mine   the attacks that fit any study, against a copy of yours

Exit code: 1 if an attack won, an honest twin was refused or something was left on the machine.
"""


def redteam(
    study: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Attack a copy of this study instead of our own."),
    ] = None,
    level: Annotated[
        str | None, typer.Option(metavar="LEVEL", help="L2 to L5. Default: the best up to L4.")
    ] = None,
    only: Annotated[
        str, typer.Option(metavar="TEXT", help="Only specimens whose name contains this.")
    ] = "",
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Specimens at a time.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Attack this installation with every documented trick, and see that honest work passes."""
    import os

    from rich.console import Console

    from filial.cli.progress import Progress
    from filial.errors import ConfigError
    from filial.redteam import as_json, specimens, tables, try_all
    from filial.sandboxes import Level, at, best
    from filial.study import Study

    levels = [known for known in Level if known >= Level.L2]
    if level is not None and level not in levels:
        raise ConfigError(f"there is no level {level!r} to attack; levels: {', '.join(levels)}")
    if study is not None:
        Study(study)  # whatever is wrong with it is no escape
    chosen = Level(level) if level else best(Level.L2).level
    kept = [s for s in specimens() if only in s.name and s.fits(chosen, own=study is not None)]
    if not kept:
        raise ConfigError(f"no specimen that fits {chosen} has {only!r} in its name")
    n_workers = workers or len(os.sched_getaffinity(0))
    endings = []
    attacks = try_all(kept, lambda: at(chosen), workers=n_workers, own=study)
    bar = Progress("attacking", len(kept), Console(stderr=True))
    with _orderly_end() as check, bar as progress, closing(attacks):
        for ending in attacks:
            check()
            endings.append(ending)
            if ending.is_lost:
                progress.say(tables.line(ending))
            progress.advance(ending.specimen.name)
    if json:
        typer.echo(as_json(endings, str(chosen)))
    else:
        Console().print(tables.card(endings, str(chosen)))
    raise typer.Exit(int(any(ending.is_lost for ending in endings)))


@contextmanager
def _orderly_end() -> Iterator[Callable[[], None]]:
    """Has Ctrl-C and SIGTERM unwind, so that no specimen and no folder is left behind.

    Yields:
        Raises again what a signal raised where Python swallows exceptions, as in a fork.
    """
    struck: list[int] = []

    def check() -> None:
        if struck:
            raise SystemExit(128 + struck[0])

    def leave(number: int, _frame: object) -> None:
        struck.append(number)
        check()

    caught = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, leave) for number in caught}
    try:
        yield check
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
