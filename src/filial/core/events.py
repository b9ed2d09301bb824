"""The ledger's vocabulary: one frozen value for each kind of event.

An event's body says *what happened*; the ledger adds number, time and chain. Bodies of equal
studies are equal up to their :class:`Spend`; :class:`RunStarted` and :class:`RunStopped` mark
sessions and say nothing about the study itself.
"""

from dataclasses import dataclass, fields

from filial.core.budget import Spend
from filial.core.candidate import Candidate
from filial.core.failure import Failure
from filial.core.finding import Finding
from filial.core.proposal import Arm
from filial.core.trial import Trial
from filial.core.verdict import Approval, Generation, Noise, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOpened:
    """First event: what everything after it rests on.

    Attributes:
        name: Name of the study.
        goal: Its goal.
        version: Filial's version.
        config: SHA-256 of the settings that bear on verdicts, hexadecimal.
        exam: SHA-256 of the exam's source.
        data: SHA-256 of the data manifest; empty without data.
        secret: SHA-256 of the study's secret: a commitment to all seeds.
        policy: Digest of the gate's rule.
    """

    name: str
    goal: str
    version: str
    config: str
    exam: str
    data: str
    secret: str
    policy: str

    def changed_from(self, before: "StudyOpened") -> tuple[str, ...]:
        """Returns the names of the fields that differ, in order."""
        names = [field.name for field in fields(self)]
        return tuple(n for n in names if getattr(self, n) != getattr(before, n))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A session began."""

    workers: int
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStopped:
    """A session ended in an orderly way; ``reason`` is for people."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPlanned:
    """How many A/A trials the budget allows, fixed before the second one runs."""

    n_trials: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFinished:
    """A trial ended.

    Attributes:
        trial: The trial, its measurements without per-item values.
        items: Digest of the blob with the per-item values; empty if there are none.
    """

    trial: Trial
    items: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The A/A noise, and the dev trial against which candidates are screened.

    It is written once for each generation.

    Attributes:
        noise: Spread of a paired difference, pooled over the generations whose spreads agree.
        screen_k: Number of the dev seed on which the generation's challengers are screened.
        generation: Whose challengers.
    """

    noise: Noise
    screen_k: int
    generation: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A proposal arrived: a candidate, or the failure that prevented one.

    Attributes:
        index: Number of the proposal, from 0.
        proposer: Name of the proposer.
        arm: What it is for.
        parent: Id of the tree it edits.
        hypothesis: In the proposer's words.
        candidate: The tree it made; None if ``failure`` is set.
        failure: Why there is no candidate.
        spend: What the proposal cost.
    """

    index: int
    proposer: str
    arm: Arm
    parent: str
    hypothesis: str
    candidate: Candidate | None = None
    failure: Failure | None = None
    spend: Spend = Spend()

    @property
    def was_written(self) -> bool:
        """Whether there was anything: a model that does not answer writes nothing."""
        return self.failure is None or self.failure.blames_candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersUnread:
    """A proposal was asked for, written and paid, and the run ended before its turn.

    Attributes:
        proposer: Who wrote it.
        arm: What it was for.
        spend: What it cost.
    """

    proposer: str
    arm: Arm
    spend: Spend


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReached:
    """The gate spoke. Only verdicts with ``alpha > 0`` were confirmations."""

    verdict: Verdict
    arm: Arm


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """A screen would have rejected a candidate, which goes on all the same, chosen by lot.

    What becomes of those few tells how many good candidates the screens reject.

    Attributes:
        candidate: Its id.
        reason: Why it would have been rejected.
    """

    candidate: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceBought:
    """A confirmation that would have ended undecided got more pairs instead.

    Attributes:
        candidate: Id of the challenger.
        n_pairs: How many more.
        reason: Why it is worth their price.
    """

    candidate: str
    n_pairs: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGiven:
    """Oversight answered about a candidate with a PROMOTE verdict."""

    candidate: str
    approval: Approval


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """A new incumbent took its place in the lineage; F0 is promoted by definition."""

    generation: Generation
    hypothesis: str


LEAST_REALISED = 0.7
"""Share of a claimed gain that an audit must find again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """Two generations were compared on fresh seeds, outside any verdict.

    Attributes:
        before: The earlier generation.
        after: The later one.
        split: Name of the split.
        differences: Paired gains in the primary metric's unit.
        lower: Lower end of the 95 % interval of the mean gain.
        upper: Upper end.
        item_variance: Variance of the paired difference on one item; 0 where unknown.
    """

    before: Generation
    after: Generation
    split: str
    differences: tuple[float, ...]
    lower: float
    upper: float
    item_variance: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExamAudited:
    """The exam was audited, before anything was spent on it or on demand.

    Attributes:
        exam: SHA-256 of what was audited: the exam's source, the settings, the prepared data and
            the initial code.
        findings: What was found, worst first.
    """

    exam: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that must not happen did; nothing is promoted until a person has closed it.

    Attributes:
        number: Its number, from 1.
        candidate: Tree digest of the culprit.
        label: The trial in which it was caught; empty if it was none.
        detail: What happened, in one sentence.
        voids: Whether its candidate and all descendants are void from here on.
    """

    number: int
    candidate: str
    label: str
    detail: str
    voids: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentClosed:
    """A person has looked into an incident; what is void stays void.

    Attributes:
        number: The incident's number.
        by: Who closed it.
        note: What came of it, in their words.
        voids: Whether they made its culprit void, with all descendants, if it was not.
    """

    number: int
    by: str
    note: str
    voids: bool = False


Body = (
    StudyOpened
    | RunStarted
    | RunStopped
    | CalibrationPlanned
    | TrialFinished
    | Calibrated
    | Proposed
    | AnswersUnread
    | VerdictReached
    | Spared
    | EvidenceBought
    | ApprovalGiven
    | Promoted
    | Audited
    | ExamAudited
    | Incident
    | IncidentClosed
)

SESSION_EVENTS = (RunStarted, RunStopped)
"""The frame of a run."""

ASIDES = (*SESSION_EVENTS, AnswersUnread, Audited, ExamAudited, Incident, IncidentClosed)
"""Events that are no step of a study's story, though they may change how it goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the ledger.

    Attributes:
        seq: Position, from 1 without gaps.
        at: Unix time in seconds at which it was appended.
        body: What happened.
        previous: Digest of the event before; 64 zeros for the first.
        digest: SHA-256 over seq, at, body and previous, hexadecimal.
    """

    seq: int
    at: float
    body: Body
    previous: str
    digest: str
