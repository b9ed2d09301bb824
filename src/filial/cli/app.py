"""The ``filial`` program: its commands, and how their errors look."""

import sys
from typing import NoReturn, cast

import typer

from filial import __version__
from filial.cli import (
    audit,
    bench,
    brief,
    compare,
    diff,
    incidents,
    kits,
    log,
    models,
    new,
    plan,
    redteam,
    report,
    run,
    sandbox,
    show,
    status,
    stop,
    verify,
)
from filial.errors import FilialError

_FIRST_STEPS = """\b
First steps:
  filial new sums studies/sums     a study that takes seconds
  filial run studies/sums          Ctrl-C stops it, the same command goes on
  filial report studies/sums       one HTML file that opens offline

Every command that takes DIR uses the current folder without it.
"""

app = typer.Typer(
    help="Filial: a self-improving AI system that keeps only the gains it can prove.",
    epilog=_FIRST_STEPS,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for module in (
    new,
    kits,
    audit,
    plan,
    run,
    status,
    log,
    show,
    brief,
    diff,
    report,
    compare,
    verify,
    stop,
    incidents,
    redteam,
):
    name = module.__name__.rpartition(".")[2]
    app.command(epilog=getattr(module, "EXAMPLES", None))(getattr(module, name))
app.add_typer(bench.app, name="bench")
app.add_typer(models.app, name="models")
app.add_typer(sandbox.app, name="sandbox")

# Typer may come with a click of its own; the base of its exception is the right one either way.
_ClickError = cast("type[Exception]", typer.BadParameter.__mro__[2])


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
    """Runs the command line; expected errors are one line, tracebacks are our own bugs.

    The exit code is 0, or 1 after an error, 2 if the command line makes no sense, 128 plus the
    signal's number if one ended it; ``filial sandbox exec`` passes on what it ran.
    """
    try:
        code = app(standalone_mode=False)
    except FilialError as error:
        _fail(str(error), 1)
    except OSError as error:
        # Whatever file it was, the machine's words say more than our traceback.
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}", 1)
    except _ClickError as error:
        _fail_usage(error)
    sys.exit(code or 0)


def _fail_usage(error: Exception) -> NoReturn:
    """Says what is wrong with the command line, and where its help is."""
    context = getattr(error, "ctx", None)
    if context is not None and not context.args and type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(context.get_help(), err=True)
        sys.exit(2)
    path = context.command_path if context is not None else "filial"
    message = error.format_message()  # type: ignore[attr-defined] # every one of them has it
    _fail(f"{message.removesuffix('.')}; see: {path} --help", 2)


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(f"filial: {' '.join(message.split())}", err=True)
    sys.exit(code)
