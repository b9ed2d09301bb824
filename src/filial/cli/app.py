"""The ``filial`` program: its commands, and how their errors look."""

import os
import sys

import typer

from filial import __version__
from filial.cli import (
    compare,
    diff,
    kits,
    log,
    new,
    report,
    run,
    sandbox,
    show,
    status,
    stop,
    verify,
)
from filial.errors import FilialError

app = typer.Typer(
    help="Filial: a self-improving AI system that keeps only the gains it can prove.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (new, kits, run, status, log, show, diff, report, compare, verify, stop):
    app.command()(getattr(module, module.__name__.rpartition(".")[2]))
app.add_typer(sandbox.app, name="sandbox")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"filial {__version__}")
        raise typer.Exit


@app.callback()
def filial(
    version: bool = typer.Option(
        False,  # noqa: FBT003
        "--version",
        callback=_print_version,
        is_eager=True,
        help="Print the version and exit.",
    ),
) -> None:
    """Filial: a self-improving AI system that keeps only the gains it can prove."""


def main() -> None:
    """Runs the command line; expected errors are one line, tracebacks are our own bugs."""
    try:
        app()
    except FilialError as error:
        typer.echo(f"filial: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # The reader has left, as `head` does; Python must not complain about stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
