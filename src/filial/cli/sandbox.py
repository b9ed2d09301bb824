"""``filial sandbox``."""

import json as jsonlib
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from filial.sandboxes import Level, Probe

EXAMPLES = """\b
Examples:
  filial sandbox exec -- id
  filial sandbox exec --input attack.py -- python /in/attack.py
  filial sandbox exec --level L2 --json -- python -c 'open("/etc/passwd")'

The command gets what an exam gives a candidate: no network, no files but its own, 60 s of CPU and
wall clock, 2 GiB of memory, 64 processes, 1 MiB of output, 256 MiB of files in $FILIAL_OUT. It
sees each FILE under /in; at levels L1 and L2 there is no /in, and arguments that begin with /in
are rewritten to the file's own path. L1 is no isolation: CMD may do whatever you may.
"""

app = typer.Typer(
    help="See what isolates here, and run anything as a candidate would run.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def check() -> None:
    """Measure which isolation levels work on this machine, and which attacks they stop.

    L5: a separate kernel, by an OCI runtime; used only by studies that ask for it. L4: namespaces,
    seccomp and limits on the whole tree (cgroup). L3: the same with limits on each process. L2:
    Landlock and seccomp. L1: limits and a session of its own; no isolation. "works" marks an
    attack that the level does not claim to stop. The exit code is 1 if nothing from L2 on works.
    """
    from rich.console import Console

    from filial.sandboxes import Level, losses, reached
    from filial.sandboxes import check as probe_all

    rows = probe_all()
    Console().print(_table(rows))
    level = reached(rows)
    works = level >= Level.L2
    typer.echo(f"\nbest level: {level}" if works else "\nno level works", err=not works)
    for row in rows:
        if row.is_failure and row.level <= level:
            typer.echo(f"{row.level} by {row.backend} fails: {row.name} ({row.detail})")
    for loss in losses(rows):
        typer.echo(loss, err=not works)
    raise typer.Exit(0 if works else 1)


def _table(rows: "list[Probe]") -> "Table":
    """What every level stops; of several back-ends of one level the first that runs is shown."""
    from rich.table import Table

    by_backend: dict[tuple[Level, str], dict[str, Probe]] = {}
    for row in rows:
        by_backend.setdefault((row.level, row.backend), {})[row.name] = row
    shown: dict[Level, dict[str, Probe]] = {}
    for (level, _), column in by_backend.items():
        # A back-end that runs nothing has but one row.
        if len(column) > len(shown.get(level, {})):
            shown[level] = column
    table = Table("", *map(str, shown), box=None, header_style="bold")
    for name in dict.fromkeys(row.name for row in rows):
        table.add_row(name, *(_cell(column.get(name)) for column in shown.values()))
    return table


def _cell(row: "Probe | None") -> str:
    if row is None:
        return "-"
    return "ok" if row.passed else "FAILED" if row.claimed else "works"


@app.command("exec", epilog=EXAMPLES, context_settings={"allow_interspersed_args": False})
def execute(
    command: Annotated[list[str], typer.Argument(metavar="CMD", help="What to run.")],
    level: Annotated[
        Literal["L1", "L2", "L3", "L4", "L5"] | None,
        typer.Option(metavar="LEVEL", help="L1 to L5. Default: the best up to L4."),
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
    from filial.sandboxes import Command, Level, at, best, remove_tree
    from filial.sandboxes import execute as run_to_the_end

    named = {path.name: path.resolve() for path in inputs or ()}
    if len(named) < len(inputs or ()):
        raise ConfigError("two inputs have one name; under /in each needs its own")
    sandbox = best(Level.L2) if level is None else at(Level(level))
    folder = Path(tempfile.mkdtemp(prefix="filial-"))
    code, out = folder / "code", folder / "out"
    try:
        code.mkdir()
        out.mkdir()
        outcome = run_to_the_end(
            sandbox, Command(argv=tuple(command), code=code, out=out, inputs=named)
        )
    finally:
        remove_tree(folder)
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
