"""``filial brief``."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from filial.cli.options import HERE, StudyDir

if TYPE_CHECKING:
    from filial.core import Brief, History
    from filial.study import Study

EXAMPLES = """\b
Examples:
  filial brief studies/sums
  filial brief studies/sums --for operators --json
"""


def brief(
    folder: StudyDir = HERE,
    name: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="NAME",
            help="A proposer of study.toml; by default the one whose turn it is.",
            show_default=False,
        ),
    ] = "",
    tokens: Annotated[
        int, typer.Option(metavar="N", min=1, help="The most tokens, about.")
    ] = 8000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON line, with the text in it.")
    ] = False,
) -> None:
    """Print what the next proposer would be told. Nothing is written, and no run is disturbed."""
    import json
    import sys

    from filial.proposers.brief_text import render
    from filial.reports import words
    from filial.study import Study

    study = Study(folder)
    made = _brief(study, study.history(), name)
    text = render(made, tokens)
    if as_json:
        typer.echo(json.dumps({**_plain(made), "text": text}, allow_nan=False))
        return
    typer.echo(words.lines(text) if sys.stdout.isatty() else text, nl=False, color=True)


def _brief(study: "Study", history: "History", name: str) -> "Brief":
    """Returns the brief that ``name`` would get, or whoever is next of those who may win."""
    from filial import assembly
    from filial.config import nearest
    from filial.core import Arm
    from filial.drafting import ARMS
    from filial.errors import StudyError
    from filial.proposers import choose

    shares = {str(n): table.share for n, table in study.settings.proposers.items()}
    if name and name not in shares:
        raise StudyError(f"study.toml has no proposer {name!r}{nearest(name, tuple(shares))}")
    if not history.generations:
        return _first_brief(study)
    index = history.n_proposals
    seed = assembly.proposal_seeds(study).of("proposal", index)
    writers = {n: share for n, share in shares.items() if n not in ARMS}
    arm = ARMS.get(name or choose(writers, seed), Arm.TREATMENT)
    if arm is Arm.TREATMENT:
        parent = assembly.archive(study).select(history, seed)
    else:
        parent = history.opponent_of(arm)
    return assembly.briefing(study, study.workspace).brief(index, seed, parent, arm, history)


def _first_brief(study: "Study") -> "Brief":
    """Returns the brief of a study that has not begun, whose repository may not exist yet."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from filial import assembly
    from filial.core import Arm, History
    from filial.workspace import Workspace

    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "lineage.git")
        tree = workspace.import_tree(study.paths.code, rules=study.rules)
        seed = assembly.proposal_seeds(study).of("proposal", 0)
        briefing = assembly.briefing(study, workspace)
        return briefing.brief(0, seed, tree, Arm.TREATMENT, History())


def _plain(value: Any) -> Any:
    """Returns a value as JSON can carry it; a bound that is infinite is null."""
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
