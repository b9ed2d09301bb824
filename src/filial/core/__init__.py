"""Frozen values that cross package boundaries. Standard library only; no I/O."""

from filial.core.budget import Budget, Spend
from filial.core.candidate import Candidate
from filial.core.events import (
    ASIDES,
    SESSION_EVENTS,
    ApprovalGiven,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    Event,
    ExamAudited,
    Incident,
    IncidentClosed,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    StudyOpened,
    TrialFinished,
    VerdictReached,
)
from filial.core.failure import Failure, FailureKind
from filial.core.finding import Finding, Severity
from filial.core.history import History, Standing
from filial.core.measurement import LARGEST, Direction, Measurement, Metric
from filial.core.proposal import Arm, Brief, Edit, Patch, Prediction, Proposal
from filial.core.seeds import Seeds
from filial.core.trial import Pair, Split, Trial, TrialSpec
from filial.core.verdict import (
    Approval,
    Comparison,
    Decision,
    Generation,
    GuardCheck,
    Judged,
    Noise,
    Verdict,
)

__all__ = [
    "ASIDES",
    "LARGEST",
    "SESSION_EVENTS",
    "Approval",
    "ApprovalGiven",
    "Arm",
    "Audited",
    "Body",
    "Brief",
    "Budget",
    "Calibrated",
    "CalibrationPlanned",
    "Candidate",
    "Comparison",
    "Decision",
    "Direction",
    "Edit",
    "Event",
    "ExamAudited",
    "Failure",
    "FailureKind",
    "Finding",
    "Generation",
    "GuardCheck",
    "History",
    "Incident",
    "IncidentClosed",
    "Judged",
    "Measurement",
    "Metric",
    "Noise",
    "Pair",
    "Patch",
    "Prediction",
    "Promoted",
    "Proposal",
    "Proposed",
    "RunStarted",
    "RunStopped",
    "Seeds",
    "Severity",
    "Spend",
    "Split",
    "Standing",
    "StudyOpened",
    "Trial",
    "TrialFinished",
    "TrialSpec",
    "Verdict",
    "VerdictReached",
]
