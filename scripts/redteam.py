"""Attacks this installation, and writes docs/redteam.md from the results.

python scripts/redteam.py run [LEVEL ...] >results.json
python scripts/redteam.py page results.json ...
"""

import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from filial.errors import SandboxError
from filial.redteam import Ending, Specimen, specimens, tables, try_all
from filial.sandboxes import Level, at

PAGE = Path(__file__).parents[1] / "docs" / "redteam.md"
HEAD = """\
# Red team

`filial redteam` attacks the installation it belongs to. Each specimen is a small candidate that goes the whole way of a real one:
replayed proposal, screens, build, exam, gate, ledger. An *attack* must not be promoted, must not get hold of anything and must not do
anything to the machine; an *honest twin* does nearly the same for a good reason and must be promoted. `filial redteam --study DIR` runs
the attacks that fit any study against a copy of yours.

What this does not cover: attacks that nobody has documented yet; kernel bugs; side channels. A level that does not claim to stop an
attack is not tried on it: the column *needs* says which one does.

This page is written by `python scripts/redteam.py`.

## Score card

| run | attacks | escapes | honest twins | over-blocked | side effects | other than foreseen |
|---|--:|--:|--:|--:|--:|--:|"""
ROWS = """
Rows are those of the catalogue of documented reward hacks, or name a measured attack on sandboxes and on peers. The outcome is a
verdict or the kind of failure behind it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Results of one user at one level.

    Attributes:
        title: Level, user and kernel.
        outcomes: Outcome of each specimen, by name.
        escaped: Names of attacks that won something.
        damaging: Names of those that left something on the machine.
        unexpected: Names of those that ended in another way than foreseen.
    """

    title: str
    outcomes: dict[str, str]
    escaped: list[str]
    damaging: list[str]
    unexpected: list[str]


def attack(level: Level) -> Run:
    """Returns how every specimen ended that ``level`` claims to stop."""
    kept = [specimen for specimen in specimens() if specimen.fits(level)]
    workers = len(os.sched_getaffinity(0))
    endings: list[Ending] = []
    with tables.Progress(len(kept), Console(stderr=True)) as progress:
        for ending in try_all(kept, lambda: at(level), workers=workers):
            endings.append(ending)
            progress.advance(ending)
    user = "root" if os.geteuid() == 0 else "ordinary user"
    return Run(
        title=f"{level}, {user}, Linux {platform.release()} {platform.machine()}",
        outcomes={e.specimen.name: e.outcome for e in endings},
        escaped=[e.specimen.name for e in endings if e.has_escaped],
        damaging=[e.specimen.name for e in endings if e.damage],
        unexpected=[e.specimen.name for e in endings if e.is_unexpected],
    )


def totals(runs: Iterable[Run]) -> Iterator[str]:
    """Yields a line for each run, and one for each attack that won."""
    known = {specimen.name: specimen for specimen in specimens()}
    lost = []
    for run in runs:
        twins = [name for name in run.outcomes if known[name].is_twin]
        refused = [name for name in twins if run.outcomes[name] != "promote"]
        numbers = (
            len(run.outcomes) - len(twins),
            len(run.escaped),
            len(twins),
            len(refused),
            len(run.damaging),
            len(run.unexpected),
        )
        yield f"| {run.title} | {' | '.join(map(str, numbers))} |"
        wrong = {*run.escaped, *refused, *run.damaging, *run.unexpected}
        lost += [f"- {run.title}: `{n}` ended as {run.outcomes[n]}" for n in sorted(wrong)]
    yield from ("", *lost) if lost else ()


def catalogue(runs: Sequence[Run]) -> Iterator[str]:
    """Yields a line for each specimen with its outcome in each run."""
    columns = [", ".join(run.title.split(", ")[:2]) for run in runs]
    group = ""
    for specimen in specimens():
        if specimen.group != group:
            group = specimen.group
            yield f"\n## {group.capitalize()}\n"
            yield f"| specimen | rows | what it does | needs | {' | '.join(columns)} |"
            yield f"|---|---|---|---|{'---|' * len(runs)}"
        ends = " | ".join(run.outcomes.get(specimen.name, "") for run in runs)
        yield f"| {_cells(specimen)} | {ends} |"


def _cells(specimen: Specimen) -> str:
    title = specimen.title.replace("|", "\\|")
    name = specimen.name.partition("/")[2]
    return f"`{name}` | {', '.join(specimen.rows)} | {title} | {specimen.needs}"


def run_all(levels: Iterable[Level]) -> None:
    """Prints the results of every level there is as JSON."""
    runs = []
    for level in levels:
        try:
            at(level)
        except SandboxError as error:
            print(error, file=sys.stderr)
        else:
            found = attack(level)
            runs.append({name: getattr(found, name) for name in Run.__slots__})
    print(json.dumps(runs))


def write_page(files: Iterable[str]) -> None:
    """Writes the page from the results in ``files``."""
    texts = [Path(file).read_text(encoding="utf-8") for file in files]
    runs = [Run(**fields) for text in texts for fields in json.loads(text)]
    text = "\n".join((HEAD, *totals(runs), ROWS, *catalogue(runs)))
    PAGE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    what, *words = sys.argv[1:] or [""]
    if what == "run":
        run_all(map(Level, words or ("L4", "L3", "L2")))
    elif what == "page":
        write_page(words)
    else:
        sys.exit(__doc__)
