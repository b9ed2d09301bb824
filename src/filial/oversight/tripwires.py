"""What must not happen, recognised when it goes on record."""

from filial.core import (
    Arm,
    Body,
    Decision,
    FailureKind,
    History,
    Incident,
    IncidentClosed,
    TrialFinished,
    VerdictReached,
)
from filial.errors import StudyError


def incident_in(body: Body, history: History) -> Incident | None:
    """Returns the incident that an event amounts to, or None.

    Args:
        body: What was just recorded.
        history: The study's state, that event included.

    A canary that opens a decoy does what it is for. A canary that is promoted shows that a known
    cheat passes for a gain here, and then nothing that this study promoted can be trusted.
    """
    match body:
        case TrialFinished(trial=trial) if (
            trial.failure is not None and trial.failure.kind is FailureKind.TRIPWIRE
        ):
            spec, what = trial.spec, trial.failure.detail
            if history.standings[spec.candidate].candidate.arm is Arm.CANARY:
                return None
            return _incident(history, spec.candidate, spec.label, what)
        case VerdictReached(arm=Arm.CANARY, verdict=verdict) if (
            verdict.decision is Decision.PROMOTE
        ):
            hypothesis = history.standings[verdict.candidate].candidate.hypothesis
            detail = f"a known cheat passed for a gain: {hypothesis}"
            return _incident(history, verdict.candidate, "", detail)
        case _:
            return None


def close_incident(
    history: History, number: int, *, by: str, note: str, voids: bool = False
) -> IncidentClosed:
    """Returns the record that closes an incident.

    Args:
        history: The study's state.
        number: The incident's number.
        by: Who closes it.
        note: What came of it.
        voids: Whether they make its culprit void.

    Raises:
        StudyError: There is no such open incident, or no note.
    """
    if number not in {incident.number for incident in history.open_incidents}:
        numbers = ", ".join(str(incident.number) for incident in history.open_incidents)
        raise StudyError(f"there is no open incident {number}; open: {numbers or 'none'}")
    if not note.strip():
        raise StudyError('closing an incident needs a note: --note "what came of it"')
    return IncidentClosed(number=number, by=by, note=" ".join(note.split()), voids=voids)


def _incident(history: History, candidate: str, label: str, detail: str) -> Incident:
    return Incident(
        number=len(history.incidents) + 1, candidate=candidate, label=label, detail=detail
    )
