"""Frozen values that cross package boundaries. Standard library only; no I/O."""

from filial.core.budget import Budget, Spend
from filial.core.candidate import Candidate
from filial.core.events import (
    SESSION_EVENTS,
    ApprovalGiven,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    Event,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    StudyOpened,
    TrialFinished,
    VerdictReached,
)
from filial.core.failure import Failure, FailureKind
from filial.core.history import History, Standing
from filial.core.measurement import Direction, Measurement, Metric
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
    "Failure",
    "FailureKind",
    "Generation",
    "GuardCheck",
    "History",
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
