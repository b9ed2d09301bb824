"""The state of a study: a fold over its events.

Everything that is decided is decided from here, so a study read back from its ledger goes on
exactly as if it had never stopped. This is the one core value that changes, and only by ``apply``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from filial.core.budget import Spend
from filial.core.candidate import Candidate
from filial.core.events import (
    AnswersUnread,
    ApprovalGiven,
    Audited,
    Body,
    Calibrated,
    Event,
    EvidenceBought,
    ExamAudited,
    Incident,
    IncidentClosed,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    Spared,
    StudyOpened,
    TrialFinished,
    VerdictReached,
)
from filial.core.proposal import Arm
from filial.core.soundness import flaw_in
from filial.core.trial import Split, Trial
from filial.core.verdict import Approval, Decision, Generation, Noise, Verdict
from filial.errors import TamperedLedger

_NOTHING = Spend()


@dataclass(slots=True)
class Standing:
    """What is known about one candidate so far.

    Attributes:
        candidate: The candidate.
        trials: Its trials by label, in order.
        verdict: The latest verdict about it as a challenger.
        approval: Oversight's answer, if asked.
        generation: Its number if it was promoted.
    """

    candidate: Candidate
    trials: dict[str, Trial] = field(default_factory=dict)
    verdict: Verdict | None = None
    approval: Approval | None = None
    generation: int | None = None

    @property
    def is_parked(self) -> bool:
        """Whether it awaits a second chance: the gate was undecided."""
        return self.verdict is not None and self.verdict.decision is Decision.UNDECIDED

    def confirm_values(self, metric: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Returns the candidate's values of ``metric`` in confirmations, in order.

        First those of its own confirmation, in which it was the challenger; then those of others,
        in which it was the incumbent. Trials without a usable value are left out.
        """
        own: list[float] = []
        later: list[float] = []
        for trial in self.trials.values():
            if trial.spec.split is Split.CONFIRM and trial.is_usable:
                _, challenger, _ = trial.spec.label.split("/")
                values = own if self.candidate.id.startswith(challenger) else later
                values.append(trial[metric].value)
        return tuple(own), tuple(later)


@dataclass(slots=True)
class History:
    """A study's state. Build it with ``History.of(events)``, or feed it with ``take``.

    Attributes:
        opened: What the study rests on.
        noise: Latest A/A spread of a paired difference, once calibrated.
        noises: The same as each generation had it, by its number.
        screen_k: Number of the latest dev seed on which candidates are screened.
        screen_seeds: The same for the challengers of each generation, by its number.
        metrics: Names of what trials measure, in the exam's order.
        standings: All candidates by id, in order of arrival.
        generations: F0, F1, … in order.
        confirmations: Verdicts that spent the study's error budget, in order.
        control_confirmations: The same for the control arm, which has a budget of its own.
        canary_confirmations: The same for canaries.
        verdicts: All verdicts in order.
        audits: Comparisons of generations on fresh seeds.
        survivors: Treatment candidates past the dev screen, or spared and made good, in order.
        spared: Why screens would have rejected candidates that go on by lot, by id.
        bought: How many pairs confirmations got beyond the usual, by the challenger's id.
        refusals: Proposals that became no candidate, in order.
        incidents: What must not happen and did, in order.
        closed: What persons said about incidents, by number.
        voided: Ids of the candidates that incidents made void, descendants included.
        n_proposals: Number of the next proposal.
        spend: What was consumed.
        spend_by_arm: The same by arm, without wall-clock time.
        level: Isolation level of the latest run.
        stopped: Why the latest run ended; None while it runs, or if it was killed.
        endings: The same of all runs and comparisons, in order.
        last_at: Unix time of the latest event.
    """

    opened: StudyOpened | None = None
    noise: Noise | None = None
    noises: dict[int, Noise] = field(default_factory=dict)
    screen_k: int = 0
    screen_seeds: dict[int, int] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    standings: dict[str, Standing] = field(default_factory=dict)
    generations: list[Generation] = field(default_factory=list)
    confirmations: list[Verdict] = field(default_factory=list)
    control_confirmations: list[Verdict] = field(default_factory=list)
    canary_confirmations: list[Verdict] = field(default_factory=list)
    verdicts: list[VerdictReached] = field(default_factory=list)
    audits: list[Audited] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    spared: dict[str, str] = field(default_factory=dict)
    bought: dict[str, int] = field(default_factory=dict)
    refusals: list[Proposed] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    closed: dict[int, IncidentClosed] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)
    n_proposals: int = 0
    spend: Spend = Spend()
    spend_by_arm: dict[Arm, Spend] = field(default_factory=dict)
    level: str = ""
    stopped: str | None = None
    endings: list[str | None] = field(default_factory=list)
    last_at: float | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> "History":
        """Returns the state after ``events``; wall-clock time counts within sessions only.

        Raises:
            TamperedLedger: An event does not follow from those before it.
        """
        history = cls()
        for event in events:
            recall(history, event)
        return history

    @property
    def incumbent(self) -> Generation:
        """The latest sound generation, F0 if none is; IndexError before F0 exists."""
        return [*self.generations[:1], *self.sound_generations][-1]

    @property
    def sound_generations(self) -> list[Generation]:
        """All generations that no incident has made void, in order."""
        return [g for g in self.generations if g.candidate not in self.voided]

    @property
    def open_incidents(self) -> list[Incident]:
        """Incidents that no person has closed."""
        return [incident for incident in self.incidents if incident.number not in self.closed]

    def confirmations_of(self, arm: Arm) -> list[Verdict]:
        """Returns the confirmations that share ``arm``'s error budget, in order."""
        of_their_own = {
            Arm.CONTROL: self.control_confirmations,
            Arm.CANARY: self.canary_confirmations,
        }
        return of_their_own.get(arm, self.confirmations)

    def screen_seed(self, opponent: str) -> int:
        """Returns the number of the dev seed for its challengers; old ledgers share one."""
        number = self.standings[opponent].generation if opponent in self.standings else None
        return self.screen_k if number is None else self.screen_seeds.get(number, self.screen_k)

    def opponent_of(self, arm: Arm) -> str:
        """Returns the id of what ``arm`` challenges: the incumbent, or F0 for control."""
        return (self.generations[0] if arm is Arm.CONTROL else self.incumbent).candidate

    def take(self, event: Event) -> None:
        """Takes one event into account, with the wall-clock time since the one before."""
        if self.last_at is not None and not isinstance(event.body, RunStarted | ExamAudited):
            self.spend = self.spend.after(event.at - self.last_at)
        self.last_at = event.at
        self.apply(event.body)

    def apply(self, body: Body) -> None:  # noqa: C901, PLR0912, PLR0915 - one line a kind
        """Takes one event's body into account."""
        match body:
            case StudyOpened():
                self.opened = body
            case RunStarted():
                self.level, self.stopped, self.endings = body.level, None, [*self.endings, None]
            case RunStopped():
                self.stopped, self.endings[-1:] = body.reason, [body.reason]
            case TrialFinished():
                self._take_trial(body.trial)
            case Calibrated():
                self.noise, self.screen_k = body.noise, body.screen_k
                self.noises[body.generation] = body.noise
                self.screen_seeds[body.generation] = body.screen_k
            case Proposed():
                self._take_proposal(body)
            case VerdictReached():
                self._take_verdict(body)
            case Spared():
                self.spared[body.candidate] = body.reason
            case EvidenceBought():
                self.bought[body.candidate] = body.n_pairs + self.bought.get(body.candidate, 0)
            case AnswersUnread():
                self._charge(body.arm, body.spend)
            case ApprovalGiven():
                self.standings[body.candidate].approval = body.approval
            case Promoted():
                self.generations.append(body.generation)
                self.standings[body.generation.candidate].generation = body.generation.number
            case Audited():
                self.audits.append(body)
            case Incident():
                self.incidents.append(body)
                if body.voids:
                    self._void(body.candidate)
            case IncidentClosed():
                self.closed[body.number] = body
                if body.voids:
                    self._void({i.number: i.candidate for i in self.incidents}[body.number])
            case _:
                pass

    def _take_trial(self, trial: Trial) -> None:
        standing = self.standings[trial.spec.candidate]
        standing.trials[trial.spec.label] = trial
        if not self.metrics:
            self.metrics = tuple(m.metric for m in trial.measurements)
        is_sealed = trial.spec.split is Split.SEALED
        self._charge(standing.candidate.arm, trial.spend, trials=1, sealed_looks=is_sealed)

    def _take_proposal(self, proposed: Proposed) -> None:
        if proposed.index >= 0:
            self.n_proposals = proposed.index + 1
            self._charge(proposed.arm, proposed.spend, candidates=int(proposed.was_written))
        if proposed.candidate is not None:
            self.standings.setdefault(proposed.candidate.id, Standing(proposed.candidate))
            if proposed.parent in self.voided:
                self.voided.add(proposed.candidate.id)
        elif proposed.failure is not None:
            self.refusals.append(proposed)

    def _take_verdict(self, reached: VerdictReached) -> None:
        self.verdicts.append(reached)
        self.standings[reached.verdict.candidate].verdict = reached.verdict
        if reached.verdict.alpha > 0:
            self.confirmations_of(reached.arm).append(reached.verdict)
        if reached.arm is Arm.TREATMENT and self._has_survived(reached.verdict):
            self.survivors.append(reached.verdict.candidate)

    def _has_survived(self, verdict: Verdict) -> bool:
        is_confirmed = verdict.alpha > 0
        is_open = verdict.decision in (Decision.UNDECIDED, Decision.PROMOTE)
        if verdict.candidate not in self.spared:
            return is_confirmed or is_open
        # The screen has rejected it, so that only its confirmation can speak for it.
        return is_open and (is_confirmed or verdict.decision is Decision.PROMOTE)

    def _void(self, candidate: str) -> None:
        self.voided.add(candidate)
        for standing in self.standings.values():  # parents come before their children
            if standing.candidate.parent in self.voided:
                self.voided.add(standing.candidate.id)

    def _charge(self, arm: Arm, spend: Spend, **more: int) -> None:
        # Wall-clock time of one trial is not wall-clock time of the study: workers overlap.
        self.spend = self.spend.plus(spend, **more)
        self.spend_by_arm[arm] = self.spend_by_arm.get(arm, _NOTHING).plus(spend, **more)


def recall(history: History, event: Event) -> None:
    """Takes an event into account that was read back, and that somebody may have written.

    Raises:
        TamperedLedger: It does not follow from those before it.
    """
    flaw = flaw_in(event.body, history)
    if flaw is not None:
        raise TamperedLedger(f"event {event.seq} {flaw}")
    history.take(event)
    if not history.spend.is_finite:
        raise TamperedLedger(f"event {event.seq} spends without end")
