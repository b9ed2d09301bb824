"""The whole simulation study, on some processors."""

import signal
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from itertools import islice
from multiprocessing import get_context
from typing import TypeAlias

from filial.bench.plan import Entry, curve, entries
from filial.bench.report import Report, Table
from filial.bench.scores import Score, Tally
from filial.executors.parent import die_with_parent
from filial.gates import ConfirmationGate

Watcher: TypeAlias = Callable[[Entry], None]
_Job: TypeAlias = tuple[Entry, int, int]


def n_streams(repeats: int) -> int:
    """Returns how many streams ``simulate`` goes through."""
    plan = (*entries(repeats, quick=False), *curve(repeats, quick=False))
    return sum(entry.n_repeats for entry in plan)


def simulate(
    seed: int,
    repeats: int,
    *,
    workers: int = 1,
    quick: bool = False,
    watcher: Watcher = lambda _entry: None,
) -> Report:
    """Returns the scores of every rule in every world, the same for any number of workers.

    Args:
        seed: Seed of all chance.
        repeats: Streams of each rule in each world, at least 1.
        workers: Processes; with 1 it all happens in this one.
        quick: Whether to make do with shorter streams.
        watcher: Told after each stream whose it was.
    """
    compared, settings = entries(repeats, quick=quick), curve(repeats, quick=quick)
    scores = _scores((*compared, *settings), seed, workers, watcher)
    tables: dict[str, Table] = {}
    for entry, found in zip(compared, scores, strict=False):
        world = entry.world
        before = tables[world.name].scores if world.name in tables else {}
        tables[world.name] = Table(
            world=world.name,
            title=world.title,
            n_candidates=world.n_candidates,
            scores={**before, entry.competitor.name: found},
        )
    rest = scores[len(compared) :]
    return Report(
        seed=seed,
        repeats=repeats,
        policy=ConfirmationGate().policy,
        tables=tuple(tables.values()),
        curve={entry.competitor.name: found for entry, found in zip(settings, rest, strict=True)},
    )


def _scores(plan: Sequence[Entry], seed: int, workers: int, watcher: Watcher) -> list[Score]:
    jobs = [(entry, seed, repeat) for entry in plan for repeat in range(entry.n_repeats)]
    scores: list[Score] = []
    with closing(_tallies(jobs, workers)) as tallies:
        for entry in plan:
            found: list[Tally] = []
            for tally in islice(tallies, entry.n_repeats):
                found.append(tally)
                watcher(entry)
            scores.append(Score.of(found))
    return scores


def _tallies(jobs: Sequence[_Job], workers: int) -> Generator[Tally]:
    """Yields what came of each stream, in order."""
    if workers == 1:
        yield from map(_play, jobs)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_belong)
    try:
        yield from pool.map(_play, jobs)
    finally:
        pool.shutdown(cancel_futures=True)


def _play(job: _Job) -> Tally:
    entry, seed, repeat = job
    return entry.play(seed, repeat)


def _belong() -> None:
    """Leaves Ctrl-C to the parent, and never outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
