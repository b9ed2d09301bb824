"""``filial sandbox``."""

import json as jsonlib
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

EXAMPLES = """\b
Examples:
  filial sandbox exec -- id
  filial sandbox exec --input attack.py -- python /in/attack.py
  filial sandbox exec --level L2 --json -- python -c 'open("/etc/passwd")'

The command gets what an exam gives a candidate: no network, no files but its own, 60 s of CPU and
wall clock, 2 GiB of memory, 64 processes, 1 MiB of output, 256 MiB of files in $FILIAL_OUT. It
sees each FILE under /in; at level L2 there is no /in, and arguments that begin with /in are
rewritten to the file's own path.
"""

app = typer.Typer(
    help="See what isolates here, and run anything as a candidate would run.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def check() -> None:
    """Measure which isolation levels work on this machine, and which attacks they stop.

    L4: namespaces, seccomp and limits on the whole tree (cgroup). L3: the same with limits on each
    process. L2: Landlock and seccomp. The exit code is 1 if no level works.
    """
    from rich.console import Console
    from rich.table import Table

    from filial.sandboxes import check as probe_all

    rows = probe_all()
    table = Table("level", "probe", "result", "detail", box=None, header_style="bold")
    for probe in rows:
        table.add_row(
            str(probe.level), probe.name, "ok" if probe.passed else "FAILED", probe.detail
        )
    Console().print(table)
    levels = {probe.level for probe in rows}
    works = levels - {probe.level for probe in rows if not probe.passed}
    typer.echo(f"\nbest level: {max(works)}" if works else "\nno level works", err=not works)
    raise typer.Exit(0 if works else 1)


@app.command("exec", epilog=EXAMPLES, context_settings={"allow_interspersed_args": False})
def execute(
    command: Annotated[list[str], typer.Argument(metavar="CMD", help="What to run.")],
    level: Annotated[
        Literal["L2", "L3", "L4"] | None,
        typer.Option(metavar="L2|L3|L4", help="Default: the best there is."),
    ] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            metavar="FILE",
            exists=True,
            help="File to mount read-only under /in; may be repeated.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Run a command exactly as a candidate would run, and pass its exit code on."""
    from filial.errors import ConfigError
    from filial.sandboxes import Command, Level, at, best
    from filial.sandboxes import execute as run_to_the_end

    named = {path.name: path.resolve() for path in inputs or ()}
    if len(named) < len(inputs or ()):
        raise ConfigError("two inputs have one name; under /in each needs its own")
    sandbox = best(Level.L2) if level is None else at(Level(level))
    with tempfile.TemporaryDirectory() as folder:
        code, out = Path(folder, "code"), Path(folder, "out")
        code.mkdir()
        out.mkdir()
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
