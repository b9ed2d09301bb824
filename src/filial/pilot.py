"""A/A trials to plan with: a study's own calibration, or a few that are run for the plan alone."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from filial.assembly import calibration
from filial.calibration import MAX_TRIALS
from filial.core import (
    Arm,
    History,
    Judged,
    RunStarted,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialFinished,
)
from filial.drafting import ARMS
from filial.errors import CodeError
from filial.exam_audit import BUDGET_SHARE, LEAST_TRIALS, MOST_TRIALS, forget_data
from filial.gates import ConfirmationGate, Rule
from filial.gates.base import Gate
from filial.journal import check_machine, with_items
from filial.planning import Plan, plan
from filial.purse import Declared, Pilot, Record
from filial.running import (
    Surroundings,
    check_prospect,
    check_unchanged,
    gate_of,
    make_executor,
    prepare,
)
from filial.schedule import Schedule
from filial.stopping import StopSwitch
from filial.storages.base import Storage
from filial.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """A/A trials, and when each of them was there.

    Attributes:
        trials: In order.
        at_s: Clock, in s, when each ended, in order.
        workers: How many ran at a time.
    """

    trials: tuple[Trial, ...]
    at_s: tuple[float, ...]
    workers: int

    @property
    def pace_s(self) -> float | None:
        """Median time from a trial's end to that of the one a worker's turn later."""
        n_later = max(self.workers, 1)
        gaps = [b - a for a, b in zip(self.at_s, self.at_s[n_later:], strict=False)]
        return statistics.median(gaps) if gaps else None


def plan_study(
    study: Study, n_trials: int, around: Surroundings, tell: Callable[[], object]
) -> Plan:
    """Returns what to expect of a study; puts nothing on record.

    Where the ledger holds a calibration, its trials serve. Otherwise the initial code is tried on
    the first dev seeds, in the sandbox and with as many workers as a run would use.

    Args:
        study: The study; it may have run or not.
        n_trials: A/A trials to run where there is no calibration, at least 2.
        around: What the trials need from outside.
        tell: Called after each of them.

    Raises:
        CodeError: The initial code cannot sit the exam, or did not do so twice.
        StudyError: The study cannot be used, or can promote nothing.
        LedgerError: The study's files are no longer those the ledger rests on.
        BusyError: Another run holds the study, and it is not calibrated yet.
        Stopped: Somebody asked for it.
    """
    gate = gate_of(study)
    check_prospect(study, gate, around.warn)
    history = study.history()
    is_recorded = history.noise is not None
    tried = _recorded(study, gate) if is_recorded else _run(study, gate, n_trials, around, tell)
    pilot = Pilot(
        trials=tried.trials,
        noise=history.noise or gate.noise(study.primary, tried.trials),
        pace_s=tried.pace_s,
        is_recorded=is_recorded,
        record=record_of(history),
        spend=history.spend,
        alpha=gate.alpha(tuple(history.confirmations_of(Arm.TREATMENT))),
    )
    return plan(pilot, _terms(study, gate, pilot, max(around.workers, 1)))


def _terms(study: Study, gate: Gate, pilot: Pilot, workers: int) -> Declared:
    settings, aa = study.settings, calibration(study, gate, workers)
    is_exact = settings.exam.judged is Judged.CONSTRUCTION
    every = 0 if is_exact else settings.oversight.audit_every
    audits = 2 * settings.oversight.audit_seeds / every if every else 0.0
    shares = {name: table.share for name, table in settings.proposers.items()}
    treatment = sum(share for name, share in shares.items() if name not in ARMS)
    first = pilot.trials[0]
    planned = len(pilot.trials) if pilot.is_recorded else aa.plan(first).n_trials
    return Declared(
        primary=study.primary,
        judged=settings.exam.judged,
        rule=gate.rule if isinstance(gate, ConfirmationGate) else Rule(),
        budget=settings.budget.ceilings(),
        workers=workers,
        batch=settings.run.batch,
        survivors=0.0 if is_exact else settings.screen.survivors,
        treatment=treatment / sum(shares.values()),
        is_built=settings.build is not None,
        n_calibration=planned,
        n_audit=0 if pilot.is_recorded else _most_of_the_audit(study, first.spend),
        n_after=gate.n_replications + len(aa.fresh_seeds(1)) + audits,
    )


def record_of(history: History) -> Record:
    """Returns what became of a study's proposals so far."""
    drafted = [s for s in history.standings.values() if s.candidate.index >= 0]
    tried = [standing.candidate.arm for standing in drafted if standing.trials]
    # A pair is named after its challenger, and is a trial of both sides.
    labels = {label for s in history.standings.values() for label in s.trials}
    pairs = [label for label in labels if label.startswith(f"{Split.CONFIRM}/")]
    return Record(
        n_proposals=history.n_proposals,
        n_tried=len(tried),
        n_treatment=tried.count(Arm.TREATMENT),
        n_confirmed=len({label.split("/")[1] for label in pairs}),
        n_pairs=len(pairs),
    )


def _most_of_the_audit(study: Study, each: Spend) -> int:
    """Returns how many trials the audit before the first trial may run at most."""
    share = study.settings.budget.ceilings().used(replace(each, trials=1))
    n_affordable = int(BUDGET_SHARE / share) if share else MOST_TRIALS
    return max(LEAST_TRIALS, min(MOST_TRIALS, n_affordable))


def _run(
    study: Study, gate: Gate, n_trials: int, around: Surroundings, tell: Callable[[], object]
) -> _Tried:
    stop = around.stop or StopSwitch(study.paths.stop)
    study.paths.state.mkdir(exist_ok=True)
    with study.storage() as storage, stop.armed():
        try:
            with stop.at_once():
                _, initial, sandbox = prepare(study, gate, storage, around)
            schedule = Schedule(study.seeds, study.settings.exam.judged)
            specs = [schedule.dev(initial.id, k) for k in range(n_trials)]
            executor = make_executor(study, around, sandbox, stop.check)
            trials: list[Trial] = []
            at_s: list[float] = []
            try:
                for trial in executor.run(specs):
                    _check(trial, is_first=not trials)
                    trials.append(trial)
                    at_s.append(time.monotonic())
                    tell()
                    stop.check()
            finally:
                executor.close()
        finally:
            _tidy(study, storage)
    if sum(trial.is_usable for trial in trials) < 2:
        why = next(
            (trial.failure for trial in trials if trial.failure), "its values are too large"
        )
        raise CodeError(f"the initial code sat the exam once at most in {n_trials} trials: {why}")
    return _Tried(trials=tuple(trials), at_s=tuple(at_s), workers=around.workers)


def _check(trial: Trial, *, is_first: bool) -> None:
    check_machine(trial, "the initial code")
    if is_first and trial.failure is not None:
        raise CodeError(f"the initial code cannot sit the exam: {trial.failure}")


def _tidy(study: Study, storage: Storage) -> None:
    """Leaves nothing behind that would hold the user to what was only planned."""
    study.clear_scratch()
    if not any(isinstance(event.body, StudyOpened) for event in storage.events()):
        forget_data(study)


def _recorded(study: Study, gate: Gate) -> _Tried:
    """Returns the trials of the study's calibration, if its files are still what they were."""
    with study.storage(read_only=True) as storage:
        check_unchanged(storage, study.opened(gate.policy), study.initial(), study)
        events = list(storage.events())
        initial = History.of(events).generations[0].candidate
        trials, at_s = [], []
        for event in events:
            if isinstance(event.body, TrialFinished) and _is_aa(event.body.trial, initial):
                trials.append(with_items(event.body, storage))
                at_s.append(event.at)
    workers = next(e.body.workers for e in events if isinstance(e.body, RunStarted))
    return _Tried(trials=tuple(trials), at_s=tuple(at_s), workers=workers)


def _is_aa(trial: Trial, initial: str) -> bool:
    split, _, k = trial.spec.label.partition("/")
    is_dev = split == Split.DEV and k.isdecimal() and int(k) < MAX_TRIALS
    return is_dev and trial.spec.candidate == initial
