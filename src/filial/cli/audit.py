"""``filial audit``."""

import json as jsonlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from filial.cli.options import HERE, StudyDir

if TYPE_CHECKING:
    from filial.core import Finding

EXAMPLES = """\b
Examples:
  filial audit studies/sums
  filial audit studies/bytelm --pairs 5
  filial audit --strict --json

Exit code: 0, or 1 if there are errors; with --strict also if there are warnings. Every run audits
the exam before its first trial, with as many pairs as a tenth of the budget buys, and does not
start on errors.
"""

_STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}


def audit(
    folder: StudyDir = HERE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Warnings fail the audit, too: for CI.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    pairs: Annotated[
        int, typer.Option(metavar="N", min=0, help="A/A pairs of the initial code.")
    ] = 20,
) -> None:
    """Check that an exam cannot be passed without merit.

    It gives the exam answers without merit, compares draws of items, searches the sandboxes for
    labels, and examines the initial code twice with each of N seeds. The findings are on record.
    """
    from filial.auditing import audit_exam
    from filial.core import Severity
    from filial.errors import Stopped
    from filial.running import Surroundings
    from filial.stopping import StopSwitch
    from filial.study import Study

    study = Study(folder)
    stop = StopSwitch(study.paths.stop)
    try:
        found = audit_exam(study, pairs, Surroundings(workers=0, stop=stop))
    except Stopped as stopped:
        typer.echo(f"filial: {stopped}; nothing is on record", err=True)
        raise typer.Exit(128 + stop.signal if stop.signal else 1) from None
    counts = {
        f"{severity}s": sum(finding.severity is severity for finding in found.findings)
        for severity in Severity
    }
    if json:
        rows = [asdict(finding) for finding in found.findings]
        typer.echo(jsonlib.dumps({"exam": found.exam, **counts, "findings": rows}))
    else:
        _show(found.findings)
        typer.echo(", ".join(f"{name}: {n}" for name, n in counts.items()))
    raise typer.Exit(1 if counts["errors"] or (strict and counts["warnings"]) else 0)


def _show(findings: "tuple[Finding, ...]") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from filial.reports.words import one_line

    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 1, 0))
    for name in ("", "check", "finding"):
        table.add_column(name, overflow="fold", no_wrap=name != "finding")
    for finding in findings:
        text = Text(one_line(finding.message))
        if finding.fix:
            text.append(f"\nFix: {one_line(finding.fix)}.", style="italic")
        style = _STYLES[finding.severity]
        table.add_row(Text(str(finding.severity), style=style), finding.check, text)
    Console().print(table)
