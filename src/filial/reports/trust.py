"""Can I trust this study? What it measured about itself, and what that amounts to."""

import math
from dataclasses import dataclass

from filial.core import History, Metric
from filial.reports import readings
from filial.reports.check import Check, State, Subject, Terms, Weight
from filial.reports.instruments import INSTRUMENTS
from filial.reports.race import race


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """All checks of a study.

    Attributes:
        checks: One for each instrument.
    """

    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """Checks with evidence that gains are not what they seem."""
        failed = (check for check in self.checks if check.state is State.FAILED)
        return tuple(check for check in failed if not check.is_about_worth)

    @property
    def worthless(self) -> tuple[Check, ...]:
        """Checks with evidence that a part of the study is not worth its cost."""
        failed = (check for check in self.checks if check.state is State.FAILED)
        return tuple(check for check in failed if check.is_about_worth)

    @property
    def missing(self) -> tuple[Check, ...]:
        """Essential checks without enough evidence."""
        return tuple(c for c in self.checks if c.is_essential and c.state is State.OPEN)

    @property
    def state(self) -> State:
        """All of them together: held only if nothing failed and everything essential held."""
        if self.failed:
            return State.FAILED
        return State.OPEN if self.missing else State.HELD

    @property
    def answer(self) -> str:
        """``"yes"``, ``"not yet"`` or ``"no"``."""
        return {State.HELD: "yes", State.OPEN: "not yet", State.FAILED: "no"}[self.state]

    @property
    def line(self) -> str:
        """The answer with its reason, and what else failed, in one line."""
        if self.worthless:
            return f"{self._reason}; failed, but no gain hangs on it: {_titles(self.worthless)}"
        return self._reason

    @property
    def _reason(self) -> str:
        if self.failed:
            return f"no: failed {_titles(self.failed)}"
        if self.missing:
            return f"not yet: too little on {_titles(self.missing)}"
        n_held = sum(check.state is State.HELD for check in self.checks)
        rest = "" if self.worthless else ", none failed"
        return f"yes: {n_held} of {len(self.checks)} checks hold{rest}"

    @property
    def groups(self) -> tuple[tuple[Weight, tuple[Check, ...]], ...]:
        """All checks by what hangs on them, the weightiest first."""
        every = ((w, tuple(c for c in self.checks if c.weight is w)) for w in Weight)
        return tuple((weight, checks) for weight, checks in every if checks)


def assess(history: History, primary: Metric, terms: Terms) -> Trust:
    """Returns every check of a study whose verdicts are about ``primary``.

    What this does not cover: whether the exam asks for what is wanted, and whatever none of the
    instruments measures. A study without errors can still be about the wrong thing.
    """
    subject = subject_of(history, primary, terms)
    return Trust(checks=tuple(instrument(subject) for instrument in INSTRUMENTS))


def subject_of(history: History, primary: Metric, terms: Terms) -> Subject:
    """Returns what all instruments look at, worked out once."""
    return Subject(
        history=history,
        primary=primary,
        terms=terms,
        scale=readings.scale(history, primary),
        steps=readings.steps(history, primary),
        race=race(history, primary),
        values=tuple(
            history.standings[g.candidate].confirm_values(primary.name)
            for g in history.generations
        ),
        levels=tuple(readings.levels(history)),
    )


def record_of(trust: Trust) -> dict[str, object]:
    """Returns the panel as plain values for JSON; what is unknown or infinite is None."""
    return {
        "answer": trust.answer,
        "line": trust.line,
        "checks": [
            {
                "key": check.key,
                "title": check.title,
                "state": str(check.state),
                "essential": check.is_essential,
                "about_worth": check.is_about_worth,
                "text": check.text,
                "remedy": check.remedy,
                "numbers": {name: _finite(n) for name, n in check.numbers.items()},
            }
            for check in trust.checks
        ],
    }


def _titles(checks: tuple[Check, ...]) -> str:
    return ", ".join(check.title.lower() for check in checks)


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None
