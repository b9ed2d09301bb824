"""What proposers may know of one proposal: its outcome and its dev trials, nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass

from filial.core import (
    Decision,
    Failure,
    History,
    Metric,
    Outcome,
    Proposed,
    Rung,
    Split,
    Standing,
    Trial,
    Tried,
    Verdict,
    coarse,
)
from filial.core.plain import one_line

_DETAIL = 200  # characters of foreign text
_ID = 12  # characters of the challenger's id in the label of a confirmation trial


@dataclass(frozen=True, slots=True)
class Hindsight:
    """Looks back at proposals the way a proposer may.

    Of trials it reads those of the dev split alone. A failure in a confirmation is no more than a
    gain that was not confirmed: what a program says when it dies may hold the items it saw.

    Attributes:
        primary: The metric to improve.
        guards: Metrics that must not get worse.

    What this does not cover: dev items that a failing program quotes. They are worth nothing
    once somebody was promoted.
    """

    primary: Metric
    guards: tuple[Metric, ...] = ()

    def refused(self, proposed: Proposed, failure: Failure) -> Tried:
        """Returns what is known of a proposal that became no candidate."""
        return Tried(
            index=proposed.index,
            proposer=proposed.proposer,
            hypothesis=proposed.hypothesis,
            outcome=Outcome.REFUSED,
            failure=failure.kind,
            detail=one_line(failure.detail, _DETAIL),
        )

    def tried(self, standing: Standing, history: History) -> Tried:
        """Returns what is known of a candidate."""
        candidate = standing.candidate
        faced = history.standings.get(_faced(standing, history))
        curve = self._curve(standing, faced, history)
        gain = self.dev_gain(standing, history)
        outcome, failure, detail = _outcome(standing, history), None, ""
        if outcome in {Outcome.WORSE, Outcome.VOID}:
            failure = _dev_failure(standing)
        if failure is not None:
            detail = one_line(failure.detail, _DETAIL)
            outcome = Outcome.FAILED if outcome is Outcome.WORSE else outcome
        elif outcome is Outcome.WORSE:
            latest = curve[-1].gain if gain is None and curve else gain
            detail = self._harm(standing, faced, history)
            is_worse = detail or (latest is not None and latest < 0)
            outcome = Outcome.WORSE if is_worse else Outcome.NO_GAIN
        return Tried(
            index=candidate.index,
            proposer=candidate.proposer,
            hypothesis=candidate.hypothesis,
            predicted=candidate.predicted,
            faced=faced.generation if faced else None,
            outcome=outcome,
            dev_gain=gain,
            curve=curve,
            failure=failure.kind if failure else None,
            detail=detail,
        )

    def dev_gain(self, standing: Standing, history: History) -> float | None:
        """Returns the rounded gain of the full dev trial over the incumbent; None without one."""
        faced = history.standings.get(_faced(standing, history))
        label = _label(faced, history)
        before, after = self._value(faced, label), self._value(standing, label)
        if before is None or after is None:
            return None
        return coarse(self.primary.gain(before, after), _sigma(faced, history))

    def dev_value(self, standing: Standing, history: History) -> float | None:
        """Returns the rounded value of the primary metric in the dev trial; None without one.

        It is that on the seed that a generation's challengers are screened on; or, if the
        candidate is no generation, on the seed that it was screened on itself.
        """
        is_incumbent = standing.generation is not None
        faced = standing if is_incumbent else history.standings.get(_faced(standing, history))
        value = self._value(standing, _label(faced, history))
        return None if value is None else coarse(value, _sigma(faced, history))

    def _value(self, standing: Standing | None, label: str) -> float | None:
        return _value(_dev_trial(standing, label), self.primary)

    def _curve(
        self, standing: Standing, faced: Standing | None, history: History
    ) -> tuple[Rung, ...]:
        rungs = []
        own = f"{_label(faced, history)}@"  # an incumbent has run beside its challengers, too
        for label, trial in standing.trials.items():
            if label.startswith(own) and trial.spec.split is Split.DEV:
                before, after = self._value(faced, label), _value(trial, self.primary)
                if before is not None and after is not None:
                    gain = coarse(self.primary.gain(before, after), _sigma(faced, history))
                    rungs.append(Rung(fraction=trial.spec.fraction, gain=gain))
        return tuple(sorted(rungs, key=lambda rung: rung.fraction))

    def _harm(self, standing: Standing, faced: Standing | None, history: History) -> str:
        """Returns which guard the dev trial broke, in words; empty if none."""
        label = _label(faced, history)
        for guard in self.guards:
            before = _value(_dev_trial(faced, label), guard)
            after = _value(_dev_trial(standing, label), guard)
            if before is not None and after is not None:
                harm = -guard.gain(before, after)
                if harm > guard.tolerance:
                    return f"{guard.name} is worse by {harm:.2g} {guard.unit}".rstrip()
        return ""


def _faced(standing: Standing, history: History) -> str:
    """Returns the id of what a candidate was or will be measured against."""
    if standing.verdict is not None:
        return standing.verdict.incumbent
    return history.opponent_of(standing.candidate.arm)


def _sigma(faced: Standing | None, history: History) -> float:
    """Returns the spread that was known when a generation was challenged, which is never changed.

    The latest one would have all gains rounded anew at each promotion.
    """
    number = faced.generation if faced else None
    noise = history.noise if number is None else history.noises.get(number, history.noise)
    return noise.sigma if noise else 0.0


def _label(faced: Standing | None, history: History) -> str:
    return f"dev/{history.screen_seed(faced.candidate.id)}" if faced else ""


def _dev_trials(standing: Standing) -> Iterable[Trial]:
    return (trial for trial in standing.trials.values() if trial.spec.split is Split.DEV)


def _dev_trial(standing: Standing | None, label: str) -> Trial | None:
    if standing is None:
        return None
    # Early versions called the trials of F0 that measure the noise by another name.
    trial = standing.trials.get(label) or standing.trials.get(f"calibrate{label[3:]}")
    return trial if trial is not None and trial.spec.split is Split.DEV else None


def _value(trial: Trial | None, metric: Metric) -> float | None:
    if trial is None or not trial.is_usable:
        return None
    return next((m.value for m in trial.measurements if m.metric == metric.name), None)


def _dev_failure(standing: Standing) -> Failure | None:
    found = (t.failure for t in _dev_trials(standing) if t.failure is not None)
    return next((failure for failure in found if failure.blames_candidate), None)


def _outcome(standing: Standing, history: History) -> Outcome:
    """Returns the outcome, ``WORSE`` for all that a screen rejected."""
    if standing.candidate.id in history.voided:
        return Outcome.VOID
    if standing.generation is not None:
        return Outcome.PROMOTED
    verdict = standing.verdict
    if verdict is None:
        has_full_trial = any(t.spec.fraction == 1 and t.is_usable for t in _dev_trials(standing))
        return Outcome.PASSED_SCREEN if has_full_trial else Outcome.PENDING
    if verdict.decision is Decision.PROMOTE:
        is_declined = standing.approval is not None and not standing.approval.granted
        return Outcome.DECLINED if is_declined else Outcome.PASSED_SCREEN
    if _was_confirmed(standing, verdict):
        return Outcome.NOT_CONFIRMED
    by_screen = {Decision.VOID: Outcome.VOID, Decision.UNDECIDED: Outcome.UNDECIDED}
    return by_screen.get(verdict.decision, Outcome.WORSE)


def _was_confirmed(standing: Standing, verdict: Verdict) -> bool:
    """Whether a confirmation has so much as begun; exact verification spends no alpha."""
    own = standing.candidate.id[:_ID]
    return verdict.alpha > 0 or any(
        trial.spec.split is not Split.DEV and own in trial.spec.label.split("/")
        for trial in standing.trials.values()
    )
