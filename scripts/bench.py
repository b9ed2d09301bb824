"""Simulates rules of promotion, and writes docs/gate.md and docs/gate.svg from the results.

python scripts/bench.py run [REPEATS] >results.json
python scripts/bench.py page results.json
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console

from filial.bench import (
    Report,
    Score,
    Table,
    as_json,
    draw,
    from_json,
    n_streams,
    simulate,
    tables,
)
from filial.cli.progress import Progress

DOCS = Path(__file__).parents[1] / "docs"
REPEATS = 100
HEAD = """\
# What the gate is worth

`filial bench gate` compares rules of promotion on simulated streams of candidates, of which one knows the truth. All is simulated but
Filial's own rule: that is the gate of every study, with its default numbers, asked as the engine asks it. A first look on one build, then
fresh pairs until it decides, more of them where it says that they are worth it, two builds from source before a promotion, four of
each new incumbent; all of these are counted as cost, and so are the A/A values at the start.

![True gain, false promotions and cost of each rule](gate.svg)

The other rules are what people do. *Higher than best* builds a candidate once and compares it with the best result on record. *Higher in
a pair* builds both sides on one fresh seed. *t test* wants p < .05, one-sided, from so many pairs. *1 SE* wants a mean gain of more than
one standard error. On items, *higher on the pool* and *McNemar* use one pool of items for every decision.

How to read the tables: *false share* is the share of promotions that are no gain, averaged over streams (the false discovery rate); *any
false* the share of streams with any of them; *true gain* the sum of what promoted candidates truly add; *claimed / true* how much more
was claimed for them. Gains are in sigma, the standard deviation of the difference of two builds of one tree on one seed; under Student's
t, which has no variance, in that of a normal law with the same middle 68 %. ± is one standard error.
"""
SETTINGS = """
## The price of a gain

The default rule in the world *mixed*, and with one of its numbers changed. `screen` is `screen_sigmas`, `pairs at most` is `max_pairs`,
and `FDR` is `fdr` in the table `[gate]` of [study.toml](study.md).
"""
LIMITS = """
## What this does not show

- True effects are independent and add up. In a real study a gain may depend on what was promoted before.
- *Mixed* is one mix. Where gains are rarer, every rule promotes a larger share of junk, and only a bound on that share, such as ours,
  stays what it is.
- Gains of half a sigma are mostly missed by our rule. The rules that find them find more junk besides.
- Of *contaminated* noise nearly all of the spread is rare failures. A rule that looks at one build finds gains there that are small
  against sigma, because most builds say so; our rule looks for gains that are large against sigma, and finds fewer. Its pairs bear
  failures on either side, and it is the only one here whose promotions are hardly ever junk.
- *Dependent* builds break what every rule here assumes, ours too: an e-process needs fresh seeds.
- Guards, failures, duplicates, approval and audits are not simulated.
"""


def rows(scores: Mapping[str, Score], cost: str, *, is_share: bool) -> Iterator[str]:
    """Yields a table in Markdown."""
    yield f"| | {' | '.join(tables.HEADER)} | {cost} / candidate |"
    yield f"|---|{'--:|' * (len(tables.HEADER) + 1)}"
    for name, score in scores.items():
        yield f"| {name} | {' | '.join(tables.cells(score, is_share=is_share))} |"


def section(table: Table) -> Iterator[str]:
    """Yields one world."""
    cost, is_share = tables.unit(table)
    yield f"\n## {table.world}\n"
    yield f"{table.title}. {table.n_candidates:,} candidates a stream.\n"
    yield from rows(table.scores, cost, is_share=is_share)


def page(report: Report) -> Iterator[str]:
    """Yields the page."""
    yield HEAD
    yield (
        f"This page is written by `python scripts/bench.py`. `filial bench gate --repeats {report.repeats} --seed {report.seed}` gives the same\n"
        f"numbers: {report.repeats} streams of each rule in each world. The gate's policy was `{report.policy[:12]}`."
    )
    for table in report.tables:
        yield from section(table)
    n_repeats = next(iter(report.curve.values())).n_repeats
    yield f"{SETTINGS}{n_repeats} streams each.\n"
    yield from rows(report.curve, "builds", is_share=False)
    yield LIMITS.rstrip()


def run(repeats: int) -> None:
    """Prints the results as JSON."""
    workers = len(os.sched_getaffinity(0))
    with Progress("streams", n_streams(repeats), Console(stderr=True)) as progress:
        report = simulate(
            0, repeats, workers=workers, watcher=lambda entry: progress.advance(entry.world.name)
        )
    print(as_json(report))


def write_page(file: str) -> None:
    """Writes page and figure from the results in ``file``."""
    report = from_json(Path(file).read_text(encoding="utf-8"))
    (DOCS / "gate.md").write_text("\n".join(page(report)) + "\n", encoding="utf-8")
    (DOCS / "gate.svg").write_text(draw(report), encoding="utf-8")


if __name__ == "__main__":
    what, *words = sys.argv[1:] or [""]
    if what == "run":
        run(int(words[0]) if words else REPEATS)
    elif what == "page" and words:
        write_page(words[0])
    else:
        sys.exit(__doc__)
