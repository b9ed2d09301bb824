"""Attacks this installation at every level it has and writes docs/redteam.md from the results.

python scripts/redteam.py [LEVEL ...]
"""

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from filial.errors import SandboxError
from filial.redteam import Count, Ending, Specimen, by_class, specimens, tables, try_all
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

This page is written by `python scripts/redteam.py`. Linux {release}, {machine}, as {user}.
"""


def attack(level: Level) -> list[Ending]:
    """Returns how every specimen ended that ``level`` claims to stop."""
    kept = [specimen for specimen in specimens() if specimen.fits(level)]
    workers = len(os.sched_getaffinity(0))
    with tables.Progress(len(kept), Console(stderr=True)) as progress:
        endings = []
        for ending in try_all(kept, lambda: at(level), workers=workers):
            endings.append(ending)
            progress.advance(ending)
    return endings


def totals(results: dict[Level, Sequence[Ending]]) -> Iterator[str]:
    """Yields a table of each level's score card."""
    for level, endings in results.items():
        yield f"\n## Level {level}\n"
        yield "| class | attacks | escapes | honest twins | over-blocked | side effects |"
        yield "|---|--:|--:|--:|--:|--:|"
        for group, count in {**by_class(endings), "**all**": Count.of(endings)}.items():
            yield (
                f"| {group} | {count.cases - count.twins} | {count.escapes} | {count.twins} "
                f"| {count.over_blocks} | {count.side_effects} |"
            )
        for ending in endings:
            if ending.is_lost:
                what = "; ".join((*ending.escapes, *ending.damage)) or ending.detail
                yield f"\nLost: `{ending.specimen.name}`: {what}"


def catalogue(results: dict[Level, Sequence[Ending]]) -> Iterator[str]:
    """Yields a line for each specimen with its outcome at each level."""
    outcomes = {(e.specimen.name, level): e.outcome for level, es in results.items() for e in es}
    group = ""
    for specimen in specimens():
        if specimen.group != group:
            group = specimen.group
            yield f"\n## {group.capitalize()}\n"
            yield f"| specimen | row | what it does | needs | {' | '.join(results)} |"
            yield f"|---|---|---|---|{'---|' * len(results)}"
        yield f"| {_cells(specimen)} | {_ends(specimen, results, outcomes)} |"


def _cells(specimen: Specimen) -> str:
    title = specimen.title.replace("|", "\\|")
    name = specimen.name.partition("/")[2]
    return f"`{name}` | {', '.join(specimen.rows)} | {title} | {specimen.needs}"


def _ends(
    specimen: Specimen,
    results: dict[Level, Sequence[Ending]],
    outcomes: dict[tuple[str, Level], str],
) -> str:
    return " | ".join(outcomes.get((specimen.name, level), "") for level in results)


def main() -> None:
    """Runs every level and writes the page."""
    results: dict[Level, Sequence[Ending]] = {}
    for level in map(Level, sys.argv[1:] or ("L4", "L3", "L2")):
        try:
            at(level)
        except SandboxError as error:
            print(error, file=sys.stderr)
        else:
            results[level] = attack(level)
    user = "root" if os.geteuid() == 0 else "an ordinary user"
    head = HEAD.format(release=platform.release(), machine=platform.machine(), user=user)
    rows = (
        "\nRows are those of the catalogue of documented reward hacks, or name a measured attack "
        "on sandboxes and on peers. The outcome is a verdict or the kind of failure behind it."
    )
    text = "\n".join((head.rstrip(), *totals(results), rows, *catalogue(results)))
    PAGE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
