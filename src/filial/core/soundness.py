"""Whether an event that was read back can have happened after those before it."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from filial.core.budget import Spend
from filial.core.events import (
    AnswersUnread,
    ApprovalGiven,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    EvidenceBought,
    Incident,
    IncidentClosed,
    Promoted,
    Proposed,
    RunStarted,
    Spared,
    StudyOpened,
    TrialFinished,
    VerdictReached,
)
from filial.core.measurement import LARGEST
from filial.core.proposal import Prediction
from filial.core.trial import Split
from filial.core.verdict import Decision, Verdict

if TYPE_CHECKING:
    from filial.core.history import History

_MOST = 2**53
"""No count in a ledger comes near it, and it still is a float."""
_N_PARTS = {Split.CONFIRM: 3, Split.SEALED: 3, Split.DEV: 2}
_NOTHING = Spend()


def flaw_in(body: Body, history: "History") -> str | None:
    """Returns what is wrong with an event, in words that follow "event 7 "; None if nothing is.

    Args:
        body: What is said to have happened.
        history: The state before it.

    Looks at forms, numbers and names alone, so that nothing that reads the state afterwards can
    fail on it.

    What this does not cover: whether a decision is the right one; telling the story again shows
    that. Texts for people are believed.
    """
    check = _CHECKS.get(type(body))
    return None if check is None else check(body, history)


def _opened(_body: StudyOpened, history: "History") -> str | None:
    return "opens a study that is open" if history.opened is not None else None


def _started(body: RunStarted, _history: "History") -> str | None:
    return None if 0 <= body.workers <= _MOST else "starts an impossible number of workers"


def _planned(body: CalibrationPlanned, _history: "History") -> str | None:
    return None if 1 <= body.n_trials <= _MOST else "plans an impossible number of trials"


def _finished(body: TrialFinished, history: "History") -> str | None:
    trial = body.trial
    spec = trial.spec
    if spec.candidate not in history.standings:
        return "is a trial of an unknown candidate"
    parts = spec.label.split("/")
    if len(parts) != _N_PARTS[spec.split] or "" in parts:
        return f"is a trial with the impossible name {spec.label[:40]!r}"
    if not 0 < spec.fraction <= 1:
        return "is a trial of an impossible length"
    if trial.measurements:
        names = tuple([m.metric for m in trial.measurements])
        if history.metrics and names != history.metrics:
            return f"measures {_list(names)}, not {_list(history.metrics)}"
        if len(set(names)) < len(names):
            return "measures something twice"
    return _spent(trial.spend)


def _calibrated(body: Calibrated, history: "History") -> str | None:
    if not 0 <= body.generation < len(history.generations):
        return "calibrates an unknown generation"
    if body.generation in history.noises:
        return f"calibrates F{body.generation} again"
    if not (0 <= body.noise.sigma <= LARGEST and 0 <= body.noise.n_values <= _MOST):
        return "holds an impossible noise"
    return None if 0 <= body.screen_k <= _MOST else "names an impossible dev seed"


def _proposed(body: Proposed, history: "History") -> str | None:
    made = body.candidate
    is_first = not history.standings
    if body.index != (-1 if is_first else history.n_proposals):
        return f"is proposal {_short(body.index)} where {history.n_proposals} is due"
    if (made is None) == (body.failure is None) or (is_first and made is None):
        return "is a proposal with neither or both of a candidate and a failure"
    if not is_first and body.parent not in history.standings:
        return "is a proposal with an unknown parent"
    if made is not None:
        if (made.index, made.arm, made.parent) != (body.index, body.arm, body.parent):
            return "is a proposal that its candidate does not agree with"
        if not (made.id and 0 <= made.n_tokens <= _MOST and _is_sane(made.predicted)):
            return "is a proposal of an impossible candidate"
    return _spent(body.spend)


def _unread(body: AnswersUnread, _history: "History") -> str | None:
    return _spent(body.spend)


def _reached(body: VerdictReached, history: "History") -> str | None:
    verdict = body.verdict
    standing = history.standings.get(verdict.candidate)
    if standing is None or verdict.incumbent not in history.standings:
        return "is a verdict about an unknown candidate"
    if standing.candidate.arm is not body.arm:
        return "is a verdict about a candidate of another arm"
    if standing.verdict is not None:
        return "is a second verdict about one candidate"
    return None if _is_finite(verdict) else "is a verdict with impossible numbers"


def _is_finite(verdict: Verdict) -> bool:
    found = verdict.comparison
    numbers = [verdict.margin, *(n for g in verdict.guards for n in (g.harm, g.tolerance))]
    numbers += [g.since_f0 for g in verdict.guards if g.since_f0 is not None]
    if found is not None:
        numbers += [found.estimate, found.lower, found.upper, found.e_value, *found.differences]
        if not found.differences or found.lower > found.upper or found.e_value < 0:
            return False
    return all(map(math.isfinite, numbers)) and 0 <= verdict.alpha <= 1 and verdict.margin >= 0


def _spared(body: Spared, history: "History") -> str | None:
    return _unknown(body.candidate, history)


def _bought(body: EvidenceBought, history: "History") -> str | None:
    if body.candidate not in history.standings:
        return _unknown(body.candidate, history)
    # A gate lets a confirmation grow by no more than what it has.
    trials = history.standings[body.candidate].trials.values()
    n_pairs = sum(trial.spec.split is Split.CONFIRM for trial in trials)
    return None if 1 <= body.n_pairs <= n_pairs else "buys an impossible number of pairs"


def _approved(body: ApprovalGiven, history: "History") -> str | None:
    standing = history.standings.get(body.candidate)
    if standing is None:
        return _unknown(body.candidate, history)
    verdict = standing.verdict
    if verdict is None or verdict.decision is not Decision.PROMOTE:
        return "is an answer about a candidate that no verdict promotes"
    return None


def _promoted(body: Promoted, history: "History") -> str | None:
    number, due = body.generation.number, len(history.generations)
    if number != due:
        return f"promotes F{_short(number)} where F{due} is due"
    standing = history.standings.get(body.generation.candidate)
    if standing is None:
        return _unknown(body.generation.candidate, history)
    if standing.generation is not None:
        return f"promotes F{standing.generation} again"
    if due and not (standing.approval is not None and standing.approval.granted):
        return "promotes what nobody has approved"
    return None


def _audited(body: Audited, history: "History") -> str | None:
    for side in (body.before, body.after):
        if side not in history.generations:
            return "compares an unknown generation"
    numbers = (*body.differences, body.lower, body.upper, body.item_variance)
    is_sane = body.differences and body.lower <= body.upper and body.item_variance >= 0
    return None if is_sane and all(map(math.isfinite, numbers)) else "compares impossible numbers"


def _incident(body: Incident, history: "History") -> str | None:
    due = len(history.incidents) + 1
    if body.number != due:
        return f"is incident {_short(body.number)} where {due} is due"
    return _unknown(body.candidate, history)


def _closed(body: IncidentClosed, history: "History") -> str | None:
    if body.number not in {incident.number for incident in history.open_incidents}:
        return f"closes incident {_short(body.number)}, which is not open"
    return None


def _unknown(candidate: str, history: "History") -> str | None:
    return None if candidate in history.standings else "is about an unknown candidate"


def _spent(spend: Spend) -> str | None:
    if spend == _NOTHING:
        return None
    seconds = spend.wall_s, spend.cpu_s, spend.gpu_s, spend.usd
    counts = spend.tokens, spend.trials, spend.candidates, spend.sealed_looks
    if not all(map(math.isfinite, seconds)) or max(counts) > _MOST:
        return "spends without end"
    return "spends less than nothing" if min(*seconds, *counts) < 0 else None


def _is_sane(predicted: Prediction | None) -> bool:
    if predicted is None:
        return True
    stated = (predicted.effect, predicted.low, predicted.high)
    return all(math.isfinite(number) for number in stated if number is not None)


def _short(number: int) -> str:
    """Returns a number's digits; more of them than an integer can be printed with end no line."""
    return str(number) if abs(number) <= _MOST else "beyond all counting"


def _list(names: Iterable[str]) -> str:
    return ", ".join(name[:40] for name in names)


_CHECKS: Mapping[type[Body], Callable[[Any, "History"], str | None]] = {
    StudyOpened: _opened,
    RunStarted: _started,
    CalibrationPlanned: _planned,
    TrialFinished: _finished,
    Calibrated: _calibrated,
    Proposed: _proposed,
    AnswersUnread: _unread,
    VerdictReached: _reached,
    Spared: _spared,
    EvidenceBought: _bought,
    ApprovalGiven: _approved,
    Promoted: _promoted,
    Audited: _audited,
    Incident: _incident,
    IncidentClosed: _closed,
}
