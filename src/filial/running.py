"""Puts a study's engine together and runs it."""

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from filial import assembly, authors
from filial.authors import Access
from filial.core import (
    Candidate,
    Judged,
    Proposed,
    RunStarted,
    RunStopped,
    StudyOpened,
    TrialFinished,
)
from filial.engine import Engine
from filial.errors import (
    ConfigError,
    FilialError,
    IncidentOpen,
    LedgerError,
    SandboxError,
    Stopped,
)
from filial.exam_audit import audit_before_first_trial
from filial.examiner import CPU_TIME, Examiner
from filial.exams import digest as exam_digest
from filial.executors import Executor, Inline, Pool
from filial.forecast import MOST_PAIRS
from filial.gates import ConfirmationGate, Rule, for_judged
from filial.gates.base import Gate
from filial.gates.prospect import fewest_pairs
from filial.journal import Journal, Listener
from filial.sandboxes import Level, Sandbox, at, best, shows
from filial.stopping import StopSwitch
from filial.storages.base import Storage
from filial.study import Study

_GRACE_S = 60.0
_LAST_ANSWERS_S = 10.0  # that a finished study waits for answers that must be paid
_NOT_ISOLATED = """
WARNING: candidates run at level L1, WITHOUT ISOLATION. They can read and change all that you can,
reach every network and forge their own scores. Trust no result; run only code you know.

"""
GROUND = {
    "config": "study.toml, parts/ or the replay file (budget and oversight may change)",
    "exam": "the exam (the *.py files of the study, but for code/ and parts/)",
    "data": "the prepared data (.filial/data)",
    "secret": "the secret (.filial/secret)",
    "policy": "the gate's rule (it comes with Filial, its numbers with study.toml)",
}
"""What a study rests on, in the words of its folder. Filial's version may change."""


@dataclass(frozen=True, slots=True)
class ExaminerFactory:
    """Makes a study's examiner inside a worker process.

    Attributes:
        folder: The study's folder.
        level: The isolation level that was measured when the run started.
        exam: Digest of the settings and the exam when the run started.
    """

    folder: Path
    level: Level
    exam: str

    def __call__(self, report: Callable[[str], None]) -> Examiner:
        """Returns the examiner.

        Raises:
            LedgerError: The study's settings or exam were changed while it runs.
        """
        study = Study(self.folder)
        if _exam_as_it_is(study) != self.exam:
            raise LedgerError(f"{self.folder}: study.toml or the exam was changed during the run")
        return study.examiner(at(self.level), report)


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run needs from outside the study.

    Attributes:
        workers: Worker processes; 0 runs trials in this process.
        listener: Told about every new event.
        watcher: Told what each worker does.
        question: Puts a question to a person; raises EOFError if nobody is there.
        person: Who that is.
        sandbox: Where candidates run; None measures the best there is.
        stop: Where requests to stop arrive; None makes one of the study's own.
        warn: Told, at each run, what the user must not overlook.
        audit: Whether to audit the exam before the first trial.
        access: What language models are reached through.
    """

    workers: int
    listener: Listener = lambda _event, _history: None
    watcher: Callable[[int, str], None] = lambda _worker, _text: None
    question: Callable[[str], str] = input
    person: str = "terminal"
    sandbox: Sandbox | None = None
    stop: StopSwitch | None = None
    warn: Callable[[str], object] = _to_stderr
    audit: bool = True
    access: Access = field(default_factory=Access)


def run(study: Study, around: Surroundings) -> str:
    """Runs a study until there is a reason to stop, and returns that reason.

    Raises:
        BusyError: Another run holds the study.
        LedgerError: The study's files are no longer those the ledger rests on.
        StudyError: The exam or the initial code is at fault, or the gate can promote nothing.
        SandboxError: Candidates cannot be isolated as the study demands.
        HostError: The machine failed.
    """
    gate = gate_of(study)
    check_prospect(study, gate, around.warn)
    stop = around.stop or StopSwitch(study.paths.stop)
    study.paths.state.mkdir(exist_ok=True)
    with study.storage() as storage, stop.armed():
        try:
            with stop.at_once():
                opened, initial, sandbox = prepare(study, gate, storage, around)
                if around.audit:
                    audit_before_first_trial(
                        study,
                        storage,
                        sandbox,
                        around.listener,
                        stop.check,
                        partial(around.watcher, 0),
                    )
        except Stopped as stopped:
            return str(stopped)
        session = RunStarted(workers=around.workers, level=str(sandbox.level))
        journal = Journal(storage, session, around.listener)
        executor = make_executor(study, around, sandbox, stop.check)
        check = partial(_check, stop, journal, study.paths.folder)
        approver = assembly.approver(study, journal, around.question, around.person)
        people = assembly.People(approver=approver, check=check)
        with authors.hired(study, around.access, lambda: journal.history.spend) as hired:
            ground = assembly.Ground(
                opened=opened, initial=initial, workers=around.workers, authors=hired
            )
            engine = assembly.engine(study, gate, journal, executor, ground, people)
            return _run_to_the_end(engine, executor, journal)


def _check(stop: StopSwitch, journal: Journal, folder: Path) -> None:
    """Ends a run that was asked to stop, or in which something happened that must not.

    Raises:
        Stopped: Somebody asked for it.
        IncidentOpen: A person must look into something first.
    """
    stop.check()
    history = journal.history
    if journal.is_replaying or not history.incidents:
        return
    for incident in history.open_incidents:
        raise IncidentOpen(
            f"incident {incident.number} is open, so nothing is promoted: {incident.detail}; look "
            f"into it with: filial incidents {folder}"
        )
    if not history.sound_generations:
        raise IncidentOpen(
            "the initial code itself is void, and all that came from it: mend it, and start a new "
            f"study from a copy of {folder} without its state"
        )


def prepare(
    study: Study, gate: Gate, storage: Storage, around: Surroundings
) -> tuple[StudyOpened, Candidate, Sandbox]:
    """Makes ready what a run rests on; may take seconds the first time."""
    if shows(study.paths.folder):
        raise ConfigError(
            f"{study.paths.folder} lies where every sandbox can read, secret and exam included; "
            "move the study, for instance to your home"
        )
    study.clear_scratch()
    around.watcher(0, "preparing the data")
    opened, initial = study.opened(gate.policy), study.initial()
    check_unchanged(storage, opened, initial, study)
    sandbox = around.sandbox or best(Level(study.settings.sandbox.minimum))
    if sandbox.level is Level.L1:
        around.warn(_NOT_ISOLATED)
    if study.metrics.judge_cpu_time and sandbox.level < Level.L4:
        raise SandboxError(
            f"{CPU_TIME} is judged, but at level {sandbox.level} a program can hide the time of "
            "short-lived children; judge something else, or run where there is L4 (filial sandbox "
            "check)"
        )
    around.watcher(0, "")
    return opened, initial, sandbox


def _exam_as_it_is(study: Study) -> str:
    text = f"{study.settings.digest()} {exam_digest(study.paths.folder)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _run_to_the_end(engine: Engine, executor: Executor, journal: Journal) -> str:
    """Runs the engine; whatever ends it is the last thing on record, and no process is left."""
    reason, is_over = "interrupted", False
    try:
        reason, is_over = engine.run(), True
    except Stopped as stopped:
        reason = str(stopped)
    except FilialError as error:
        reason = str(error)
        raise
    finally:
        executor.close()
        for unread in engine.drafting.ahead.unread(_LAST_ANSWERS_S if is_over else 0.0):
            journal.append(unread)
        journal.stop(RunStopped(reason=reason))
    return reason


def check_unchanged(
    storage: Storage, opened: StudyOpened, initial: Candidate, study: Study
) -> None:
    """Refuses to continue a ledger whose ground has shifted under it.

    Raises:
        LedgerError: Names the files that changed, or what no trial measures.
    """
    changed: list[str] = []
    measured: tuple[str, ...] = ()
    for event in storage.events():
        match event.body:
            case StudyOpened() as recorded:
                names = opened.changed_from(recorded)
                changed += dict.fromkeys(GROUND[name] for name in names if name in GROUND)
            case Proposed(index=-1, candidate=Candidate(id=tree)):
                changed += _changed_code(study, tree, initial.id)
            case TrialFinished(trial=trial):
                measured = tuple(m.metric for m in trial.measurements)
                break
    if changed:
        raise LedgerError(
            f"{study.paths.folder}: {', '.join(changed)} changed since this study was opened, so "
            "old and new verdicts would not compare: restore the old state, or copy the folder "
            f"without {study.paths.state.name} and {study.paths.lineage.name} for a new study"
        )
    study.check_metrics(measured)


def _changed_code(study: Study, before: str, now: str) -> list[str]:
    old, new = study.workspace.read(before), study.workspace.read(now)
    paths = sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
    return [f"code/{path}" for path in paths]


def gate_of(study: Study) -> Gate:
    """Returns the gate that a study's settings ask for."""
    table = study.settings.gate
    rule = Rule(
        fdr=table.fdr,
        min_pairs=table.min_pairs,
        max_pairs=table.max_pairs,
        screen_sigmas=table.screen_sigmas,
    )
    return for_judged(study.settings.exam.judged, rule)


def check_prospect(study: Study, gate: Gate, warn: Callable[[str], object]) -> None:
    """Refuses a study in which no gain, however large, could ever be promoted.

    Where a first promotion has to rest on pairs that are bought beyond ``gate.max_pairs``, it only
    warns.

    Args:
        study: The study.
        gate: What judges its candidates.
        warn: Told, in one line, how many pairs have to be bought.

    Raises:
        ConfigError: Names ``gate.max_pairs`` and the least that it must be.
    """
    if not isinstance(gate, ConfirmationGate):
        return
    rule, judged, alpha = gate.rule, study.settings.exam.judged, gate.alpha(())
    most = _most_pairs(judged, rule)
    fewest = fewest_pairs(judged, rule, alpha, max(MOST_PAIRS, most))
    if fewest is not None and fewest <= rule.max_pairs:
        return
    cure = f"set it to at least {fewest}"
    if fewest is None or fewest > MOST_PAIRS:
        cure = f"nor could {MOST_PAIRS}, so that gate.fdr = {rule.fdr:g} has to be larger"
    if fewest is not None and fewest <= most:
        warn(
            f"filial: gate.max_pairs = {rule.max_pairs}: a first promotion takes at least {fewest}"
            f" pairs, {fewest - rule.max_pairs} of them bought; {cure}\n"
        )
        return
    raise ConfigError(
        f"{study.paths.settings}: gate.max_pairs = {rule.max_pairs} can promote nothing: so few "
        "pairs, with those that can be bought, never prove a gain, however large, to "
        f"E ≥ {1 / alpha:,.0f}; {cure}"
    )


def _most_pairs(judged: Judged, rule: Rule) -> int:
    """Returns the most pairs, those that are bought included, for a gain beyond all doubt.

    Half of ``max_pairs`` is bought at a time where that much is likely to be enough. For an
    artifact whose every trial is won this is known beforehand, so there is no second time.
    """
    at_a_time = rule.max_pairs // 2
    n_times = 1 if judged is Judged.ARTIFACT else rule.max_pairs // at_a_time
    return rule.max_pairs + n_times * at_a_time


def make_executor(
    study: Study, around: Surroundings, sandbox: Sandbox, tick: Callable[[], None]
) -> Executor:
    """Returns what runs the study's trials: worker processes, or this one."""
    if around.workers == 0:
        return Inline(study.examiner(sandbox, lambda text: around.watcher(0, text)))
    settings = study.settings
    build_s = settings.build.wall_limit_s if settings.build else 0.0
    return Pool(
        ExaminerFactory(study.paths.folder, sandbox.level, _exam_as_it_is(study)),
        around.workers,
        # Three sittings is more than any exam has had so far; beyond that something hangs.
        trial_s=build_s + 3 * settings.exam.wall + _GRACE_S,
        watcher=around.watcher,
        tick=tick,
    )
