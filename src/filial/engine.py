"""The story of a study, told from its first incumbent to its last.

Every step goes through the :class:`Journal`, which does it once and reads it back ever after; so
this file says only *what* happens, in the order in which it happens.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from filial.calibration import MAX_TRIALS, Calibration
from filial.confirming import Confirming
from filial.core import (
    ApprovalGiven,
    Arm,
    Budget,
    CalibrationPlanned,
    Candidate,
    Decision,
    Generation,
    Promoted,
    Proposed,
    StudyOpened,
    Trial,
    Verdict,
    VerdictReached,
)
from filial.drafting import Drafting, introduce
from filial.errors import CodeError
from filial.executors.base import Executor
from filial.gates.base import Case, Gate
from filial.journal import Journal, check_machine
from filial.oversight.base import Approver
from filial.reckoning import Reckoning
from filial.schedule import Schedule
from filial.screening import Screening

_MAX_DRAFTS_PER_PLACE = 10
_MAX_FRUITLESS_BATCHES = 25


@dataclass(slots=True, kw_only=True)
class Engine:
    """Takes a study from F0 through verified, approved promotions until its budget is used up.

    Attributes:
        opened: What the study rests on.
        initial: The initial code.
        blank: A case without sides or evidence: what is judged, on which metrics.
        budget: Ceilings; reaching one ends the run, raising it lets the study go on.
        batch: Candidates screened side by side.
        calibration: Plans and reads the A/A trials.
        schedule: Writes trial specs.
        journal: The study's memory.
        drafting: Writes proposals and screens their trees.
        executor: Runs trials.
        gate: Decides what counts as a gain.
        screening: Has candidates run dev trials, and rejects some.
        reckoning: Compares claimed with realised gains every few promotions.
        approver: Says whether a promotion takes effect.
        commit: Puts a candidate into the lineage as generation number …
        check: Called between steps; raises ``Stopped`` when somebody asked for it.
    """

    opened: StudyOpened
    initial: Candidate
    blank: Case
    budget: Budget
    batch: int
    calibration: Calibration
    schedule: Schedule
    journal: Journal
    drafting: Drafting
    executor: Executor
    gate: Gate
    screening: Screening
    reckoning: Reckoning
    approver: Approver
    commit: Callable[[int, Candidate, Verdict | None], Generation]
    check: Callable[[], None]

    def run(self) -> str:
        """Runs until there is a reason to stop, and returns that reason."""
        self._open()
        n_fruitless = 0
        while not self._is_exhausted():
            batch = self._draft()
            if batch is None:
                self.journal.end(Proposed)
                return "the proposers have nothing more to say"
            n_fruitless = 0 if batch or self.journal.is_replaying else n_fruitless + 1
            if n_fruitless == _MAX_FRUITLESS_BATCHES:
                return "every proposal of late was refused, for instance as a duplicate"
            for case in self.screening.cases(batch, self.blank):
                self._confirm(case)
                self.reckoning.settle()
        return f"the budget is used up: {self.budget.exhausted_by(self.journal.history.spend)}"

    def _open(self) -> None:
        """Puts F0 on record, once it has shown that it can sit the exam; measures the noise."""
        first = () if self.journal.is_replaying else (self._try_initial(),)
        self.journal.once(StudyOpened, lambda: self.opened)
        self.journal.once(Proposed, lambda: introduce(self.initial))
        self.journal.once(Promoted, lambda: self._promotion(0, self.initial, None))
        specs = [self.schedule.dev(self.initial.id, k) for k in range(MAX_TRIALS)]
        trials = list(self.journal.trials(specs[:1], self.executor, done=first))
        planned = self.journal.once(CalibrationPlanned, lambda: self.calibration.plan(trials[0]))
        trials += self.journal.trials(specs[1 : planned.n_trials], self.executor)
        calibrated = self.journal.decide(self.calibration.conclude(trials))
        self.blank = replace(self.blank, noise=calibrated.noise)

    def _try_initial(self) -> Trial:
        (trial,) = self.executor.run([self.schedule.dev(self.initial.id, 0)])
        check_machine(trial, "the initial code")
        if trial.failure is not None:
            raise CodeError(f"the initial code cannot sit the exam: {trial.failure}")
        return trial

    def _draft(self) -> list[Candidate] | None:
        """Collects a batch of candidates that passed the screens; None if nobody proposes."""
        batch: list[Candidate] = []
        for _ in range(_MAX_DRAFTS_PER_PLACE * self.batch):
            self.check()
            if len(batch) == self.batch or self._is_exhausted():
                break
            proposed = self.journal.once_or_none(
                Proposed, lambda: self.drafting.draft(self.journal.history)
            )
            if proposed is None:
                return batch or None
            if proposed.candidate is not None:
                batch.append(proposed.candidate)
        return batch

    def _confirm(self, case: Case) -> None:
        """Has fresh pairs run until the gate decides; promotes what it approves."""
        if self._is_exhausted():
            return
        history = self.journal.history
        challenger = history.standings[case.challenger].candidate
        earlier = tuple(history.confirmations_of(challenger.arm))
        confirming = Confirming(
            schedule=self.schedule,
            journal=self.journal,
            executor=self.executor,
            gate=self.gate,
            budget=self.budget,
            is_exhausted=self._is_exhausted,
            check=self.check,
        )
        verdict = confirming.verdict(replace(case, alpha=self.gate.alpha(earlier)))
        if verdict is None:
            return
        self.journal.decide(VerdictReached(verdict=verdict, arm=challenger.arm))
        if verdict.decision is Decision.PROMOTE and challenger.arm is Arm.TREATMENT:
            self._promote(challenger, verdict)

    def _promote(self, challenger: Candidate, verdict: Verdict) -> None:
        given = self.journal.once(
            ApprovalGiven,
            lambda: ApprovalGiven(candidate=challenger.id, approval=self.approver.decide(verdict)),
            about=challenger.id,
        )
        self.check()
        if given.approval.granted and challenger.id not in self.journal.history.voided:
            number = len(self.journal.history.generations)
            made = partial(self._promotion, number, challenger, verdict)
            self.journal.once(Promoted, made, about=challenger.id)
            self._renew(number, verdict)

    def _renew(self, number: int, verdict: Verdict) -> None:
        """Tries a new incumbent on fresh dev seeds: on one of them others will challenge it."""
        seeds = self.calibration.fresh_seeds(number)
        specs = [self.schedule.dev(verdict.candidate, k) for k in seeds]
        trials = list(self.journal.trials(specs, self.executor))
        renewed = self.calibration.renew(number, trials, self.journal.history)
        calibrated = self.journal.decide(renewed)
        self.blank = replace(self.blank, noise=calibrated.noise)

    def _promotion(self, number: int, candidate: Candidate, verdict: Verdict | None) -> Promoted:
        generation = self.commit(number, candidate, verdict)
        return Promoted(generation=generation, hypothesis=candidate.hypothesis)

    def _is_exhausted(self) -> bool:
        if self.journal.is_replaying:
            return False
        return self.budget.exhausted_by(self.journal.history.spend) is not None
