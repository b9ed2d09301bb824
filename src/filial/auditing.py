"""Claimed against realised: two generations on fresh seeds and the sealed split."""

from filial.core import Audited, Generation, History, Pair, RunStarted, RunStopped
from filial.errors import HostError, StudyError
from filial.executors import Executor
from filial.journal import file_trial
from filial.running import Surroundings, check_unchanged, gate_of, make_executor
from filial.sandboxes import Level, best
from filial.schedule import Schedule
from filial.stats import mean_interval
from filial.stopping import StopSwitch
from filial.storages.base import Storage
from filial.study import Study


def audit(study: Study, before: str, after: str, n_seeds: int, around: Surroundings) -> Audited:
    """Compares two generations on the sealed split and puts the look on record.

    Args:
        study: The study.
        before: A generation, ``"F0"``.
        after: A later one.
        n_seeds: Fresh seeds for each side, at least 2.
        around: What the run needs from outside.

    Raises:
        StudyError: One of them is no generation, or a trial failed.
        LedgerError: The study's files are no longer those the ledger rests on.
    """
    stop = StopSwitch(study.paths.stop)
    with study.storage() as storage, stop.armed():
        study.clear_scratch()
        check_unchanged(storage, study.opened(gate_of(study).policy), study.initial(), study)
        history = History.of(storage.events())
        sides = (_generation(history, before), _generation(history, after))
        sandbox = around.sandbox or best(Level(study.settings.sandbox.minimum))
        executor = make_executor(study, around, sandbox, stop.check)
        storage.append(RunStarted(workers=around.workers, level=str(sandbox.level)))
        try:
            pairs = _pairs(study, sides, n_seeds, len(history.audits), executor, storage)
            found = _conclude(study, sides, pairs)
            storage.append(found)
        finally:
            executor.close()
            storage.append(RunStopped(reason=f"compared {before} and {after}"))
    return found


def _generation(history: History, which: str) -> Generation:
    number = history.find(which).generation
    if number is None:
        raise StudyError(f"{which!r} is no generation; only generations are compared")
    return history.generations[number]


def _pairs(
    study: Study,
    sides: tuple[Generation, Generation],
    n_seeds: int,
    audit_number: int,
    executor: Executor,
    storage: Storage,
) -> list[Pair]:
    schedule = Schedule(study.seeds, study.settings.exam.judged)
    specs = [
        schedule.sealed(side.candidate, audit_number, k) for k in range(n_seeds) for side in sides
    ]
    trials = []
    for trial in executor.run(specs):
        if trial.failure is not None and not trial.failure.blames_candidate:
            raise HostError(f"trial {trial.spec.label} could not be run: {trial.failure}")
        storage.append(file_trial(trial, storage))
        if trial.failure is not None:
            raise StudyError(f"trial {trial.spec.label} failed: {trial.failure}")
        trials.append(trial)
    return [
        Pair(incumbent=one, challenger=other)
        for one, other in zip(trials[::2], trials[1::2], strict=True)
    ]


def _conclude(study: Study, sides: tuple[Generation, Generation], pairs: list[Pair]) -> Audited:
    metric = study.primary
    gains = tuple(
        metric.gain(pair.incumbent[metric.name].value, pair.challenger[metric.name].value)
        for pair in pairs
    )
    lower, upper = mean_interval(gains)
    return Audited(
        before=sides[0],
        after=sides[1],
        split="sealed",
        differences=gains,
        lower=lower,
        upper=upper,
    )
