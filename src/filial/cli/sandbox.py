"""``filial sandbox``."""

import json as jsonlib
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Where candidate code runs.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Measure which isolation levels work on this machine, and which attacks they stop."""
    from rich.console import Console
    from rich.table import Table

    from filial.sandboxes import check as probe_all

    table = Table("level", "probe", "result", "detail", box=None, header_style="bold")
    for probe in probe_all():
        table.add_row(
            str(probe.level), probe.name, "ok" if probe.passed else "FAILED", probe.detail
        )
    Console().print(table)


@app.command("exec", context_settings={"ignore_unknown_options": True})
def execute(
    command: Annotated[list[str], typer.Argument(metavar="-- CMD...", help="What to run.")],
    level: Annotated[str | None, typer.Option(help="L2, L3, L4; default: the best.")] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option("--input", exists=True, help="File to mount read-only under /in."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Run a command exactly as a candidate would run, and pass its exit code on."""
    from filial.sandboxes import Command, Level, at, best
    from filial.sandboxes import execute as run_to_the_end

    sandbox = best() if level is None else at(Level(level))
    with tempfile.TemporaryDirectory() as folder:
        code, out = Path(folder, "code"), Path(folder, "out")
        code.mkdir()
        out.mkdir()
        named = {path.name: path.resolve() for path in inputs or ()}
        outcome = run_to_the_end(
            sandbox, Command(argv=tuple(command), code=code, out=out, inputs=named)
        )
    if json:
        fields = {
            "level": str(sandbox.level),
            "rc": outcome.rc,
            "wall_s": round(outcome.wall_s, 6),
            "cpu_s": round(outcome.cpu_s, 6),
            "memory_peak_bytes": outcome.memory_peak_bytes,
            "ended_by": str(outcome.ended_by),
            "stdout": outcome.stdout.decode(errors="replace"),
            "stderr": outcome.stderr.decode(errors="replace"),
        }
        typer.echo(jsonlib.dumps(fields))
    else:
        sys.stdout.buffer.write(outcome.stdout)
        sys.stdout.flush()
        sys.stderr.buffer.write(outcome.stderr)
    raise typer.Exit(outcome.rc if outcome.rc >= 0 else 128 - outcome.rc)
