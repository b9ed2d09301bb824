"""The state of a study: a fold over its events.

Everything that is decided is decided from here, so a study read back from its ledger goes on
exactly as if it had never stopped. This is the one core value that changes, and only by ``apply``.
"""

from dataclasses import dataclass, field

from filial.core.budget import Spend
from filial.core.candidate import Candidate
from filial.core.events import (
    ApprovalGiven,
    Audited,
    Body,
    Calibrated,
    Event,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    StudyOpened,
    TrialFinished,
    VerdictReached,
)
from filial.core.failure import Failure
from filial.core.proposal import Arm
from filial.core.trial import Split, Trial
from filial.core.verdict import Approval, Decision, Generation, Noise, Verdict


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


@dataclass(slots=True)
class History:
    """A study's state. Build it with ``History.of(events)`` or apply bodies one by one."""

    opened: StudyOpened | None = None
    noise: Noise | None = None
    screen_k: int = 0
    standings: dict[str, Standing] = field(default_factory=dict)
    generations: list[Generation] = field(default_factory=list)
    confirmations: dict[Arm, list[Verdict]] = field(default_factory=dict)
    verdicts: list[VerdictReached] = field(default_factory=list)
    audits: list[Audited] = field(default_factory=list)
    refusals: list[Failure] = field(default_factory=list)
    n_proposals: int = 0
    spend: Spend = Spend()
    spend_by_arm: dict[Arm, Spend] = field(default_factory=dict)
    level: str = ""
    stopped: str | None = None

    @classmethod
    def of(cls, events: "list[Event]") -> "History":
        """Returns the state after ``events``; wall-clock time counts within sessions only."""
        history, last = cls(), 0.0
        for event in events:
            history.apply(event.body)
            if not isinstance(event.body, RunStarted) and last:
                history.spend += Spend(wall_s=max(0.0, event.at - last))
            last = event.at
        return history

    @property
    def incumbent(self) -> Generation:
        """The current generation; IndexError before F0 exists."""
        return self.generations[-1]

    def apply(self, body: Body) -> None:  # noqa: C901 - one line for each kind of event
        """Takes one event's body into account."""
        match body:
            case StudyOpened():
                self.opened = body
            case RunStarted():
                self.level, self.stopped = body.level, None
            case RunStopped():
                self.stopped = body.reason
            case TrialFinished():
                self._take_trial(body.trial)
            case Calibrated():
                self.noise, self.screen_k = body.noise, body.screen_k
            case Proposed():
                self._take_proposal(body)
            case VerdictReached():
                self._take_verdict(body)
            case ApprovalGiven():
                self.standings[body.candidate].approval = body.approval
            case Promoted():
                self.generations.append(body.generation)
                self.standings[body.generation.candidate].generation = body.generation.number
            case Audited():
                self.audits.append(body)
            case _:
                pass

    def _take_trial(self, trial: Trial) -> None:
        standing = self.standings[trial.spec.candidate]
        standing.trials[trial.spec.label] = trial
        spend = trial.spend + Spend(trials=1, sealed_looks=trial.spec.split is Split.SEALED)
        self._charge(standing.candidate.arm, spend)

    def _take_proposal(self, proposed: Proposed) -> None:
        if proposed.index >= 0:
            self.n_proposals = proposed.index + 1
            self._charge(proposed.arm, proposed.spend + Spend(candidates=1))
        if proposed.candidate is not None:
            self.standings.setdefault(proposed.candidate.id, Standing(proposed.candidate))
        elif proposed.failure is not None:
            self.refusals.append(proposed.failure)

    def _take_verdict(self, reached: VerdictReached) -> None:
        self.verdicts.append(reached)
        self.standings[reached.verdict.candidate].verdict = reached.verdict
        if reached.verdict.alpha > 0:
            self.confirmations.setdefault(reached.arm, []).append(reached.verdict)

    def _charge(self, arm: Arm, spend: Spend) -> None:
        # Wall-clock time of one trial is not wall-clock time of the study: workers overlap.
        spend = Spend(
            cpu_s=spend.cpu_s,
            gpu_s=spend.gpu_s,
            tokens=spend.tokens,
            usd=spend.usd,
            trials=spend.trials,
            candidates=spend.candidates,
            sealed_looks=spend.sealed_looks,
        )
        self.spend += spend
        self.spend_by_arm[arm] = self.spend_by_arm.get(arm, Spend()) + spend
