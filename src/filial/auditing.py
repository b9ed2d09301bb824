"""Audits on demand: two generations on fresh seeds and the sealed split; and the exam itself."""

from filial.comparison import check_panel, conclude, sealed_specs
from filial.core import (
    Audited,
    Body,
    ExamAudited,
    Generation,
    History,
    RunStarted,
    RunStopped,
    Trial,
    find,
)
from filial.errors import StudyError
from filial.exam_audit import Effort, forget_data, record
from filial.exam_audit import audit as audit_the_exam
from filial.journal import check_machine, file_trial, write
from filial.running import Surroundings, gate_of, make_executor, prepare
from filial.schedule import Schedule
from filial.stopping import StopSwitch
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
        StudyError: One of them is no generation, a trial failed, or the sealed panel is used up.
        LedgerError: The study's files are no longer those the ledger rests on.
        Stopped: Somebody asked for it; the looks so far are on record.
    """
    stop = around.stop or StopSwitch(study.paths.stop)
    with study.storage() as storage, stop.armed():
        with stop.at_once():
            _, _, sandbox = prepare(study, gate_of(study), storage, around)
        history = History.of(storage.events())
        sides = (_generation(history, before), _generation(history, after))
        check_panel(study.primary, history, study.exam_class.sealed_items)

        def record(body: Body) -> None:
            write(body, storage, history, around.listener)

        executor = make_executor(study, around, sandbox, stop.check)
        record(RunStarted(workers=around.workers, level=str(sandbox.level)))
        reason = f"could not compare {before} and {after}"
        try:
            schedule = Schedule(study.seeds, study.settings.exam.judged)
            specs = sealed_specs(schedule, sides, range(n_seeds), history.spend.sealed_looks)
            trials = []
            for trial in executor.run(specs):
                check_machine(trial)
                record(file_trial(trial, storage))
                _check(trial)
                trials.append(trial)
            found = conclude(study.primary, sides, trials)
            record(found)
            reason = f"compared {before} and {after}"
        finally:
            executor.close()
            record(RunStopped(reason=reason))
    return found


def audit_exam(study: Study, n_pairs: int, around: Surroundings) -> ExamAudited:
    """Audits a study's exam and puts the findings on record, whatever they are.

    Args:
        study: The study; it may have run or not.
        n_pairs: A/A pairs to run, whatever they cost.
        around: What the run needs from outside.

    Raises:
        StudyError: The exam cannot draw items, or the initial code cannot sit it.
        LedgerError: The study's files are no longer those the ledger rests on.
        Stopped: Somebody asked for it; nothing is on record.
    """
    stop = around.stop or StopSwitch(study.paths.stop)
    study.paths.state.mkdir(exist_ok=True)
    with study.storage() as storage, stop.armed(), stop.at_once():
        _, _, sandbox = prepare(study, gate_of(study), storage, around)
        try:
            around.watcher(0, "auditing the exam")
            found = audit_the_exam(study, sandbox, Effort(n_pairs=n_pairs), stop.check)
        finally:
            if History.of(storage.events()).opened is None:
                forget_data(study)
        record(found, storage, around.listener)
    return found


def _generation(history: History, which: str) -> Generation:
    number = find(history, which).generation
    if number is None:
        raise StudyError(f"{which!r} is no generation; only generations are compared")
    return history.generations[number]


def _check(trial: Trial) -> None:
    if trial.failure is not None:
        raise StudyError(f"trial {trial.spec.label} failed: {trial.failure}")
