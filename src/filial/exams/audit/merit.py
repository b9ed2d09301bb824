"""Whether answers without merit get a score without merit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from filial.core import Failure, Finding, Measurement
from filial.exams.audit.subject import Subject, canonical, error, note, warning
from filial.exams.audit.worthless import (
    Worth,
    Worthless,
    constants,
    echoes,
    fixed,
    malformed,
    shaped,
)
from filial.exams.base import Item

_REFUSE = "raise filial.Invalid for such an answer, or give it the worst score"
_SHOW = (
    "if the exam is right, start from code that does better, or name a solution that does: "
    '[exam] reference = "reference.py"'
)
_FIXES = {
    "constant answers": (
        "balance the keys, or score relative to the best constant, so that it gets nothing"
    ),
    "echo": "take out of the question what gives the answer away",
    "not finite": "check math.isfinite (np.isfinite for arrays) and raise filial.Invalid",
    "huge answer": "bound what an answer may be and raise filial.Invalid beyond it",
    "zeros": "make the tolerance relative to the key, and draw keys that are not zero",
    "wrong type": "check the type of the answer and raise filial.Invalid for any other",
    "wrong length": "check the length of the answer and raise filial.Invalid for any other",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """The best score that is known to be earned.

    Attributes:
        who: Whose it is.
        score: The score.
        is_initial: Whether nothing better is known than what the initial code earns.
    """

    who: str
    score: Measurement
    is_initial: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """A worthless answer, and what came of it.

    Attributes:
        what: The answers.
        value: The primary metric's value.
        can_arrive: Whether the line from the candidate would let them through.
    """

    what: Worthless
    value: float
    can_arrive: bool


def find_bar(subject: Subject, items: Sequence[Item]) -> Bar | None:
    """Returns the best of the initial code, the reference and the keys given as answers."""
    known = {"the initial code": subject.initial, "the reference": subject.reference}
    if all(canonical(item.key) is not None and item.key is not None for item in items):
        known["the keys as answers"] = [item.key for item in items]  # type: ignore[misc]
    best: Bar | None = None
    for who, answers in known.items():
        score = None if answers is None else subject.score(answers)
        if isinstance(score, Measurement) and (
            best is None or subject.primary.gain(best.score.value, score.value) > 0
        ):
            best = Bar(who, score, is_initial=who == "the initial code")
    return best


def check_merit(subject: Subject, items: Sequence[Item], bar: Bar | None) -> Iterator[Finding]:
    """Yields what worthless answers reach that they should not."""
    tried = list(_try(subject, items))
    blind = [one for one in tried if one.what.worth is Worth.BLIND and one.can_arrive]
    yield from _baseline(subject, bar, blind)
    if bar is None:
        return
    reached: set[str] = set()
    for one in _best_first(subject, tried):
        if one.what.check not in reached and _reaches(subject, bar, one):
            reached.add(one.what.check)
            yield _passes(subject, bar, one)
    yield from _half_way(subject, bar, [one for one in blind if one.what.check not in reached])


def _try(subject: Subject, items: Sequence[Item]) -> Iterator[Tried]:
    """Yields the worthless answers that got a score at all."""
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    ways = [*fixed(len(items)), *constants(items, subject.initial), *echoes(items)]
    if subject.initial is not None:
        ways += shaped(subject.initial, np.random.default_rng((subject.seed, 2)))
        ways += malformed(subject.initial)
    own = None if subject.initial is None else [canonical(answer) for answer in subject.initial]
    for way in ways:
        sent = [canonical(answer) for answer in way.answers]
        if sent == own:
            continue  # that is no worthless answer, but what the code says
        score = subject.score(way.answers)
        if not isinstance(score, Failure):
            yield Tried(way, score.value, can_arrive=None not in sent)


def _best_first(subject: Subject, tried: Sequence[Tried]) -> list[Tried]:
    sign = 1.0 if subject.primary.direction == "min" else -1.0
    return sorted(tried, key=lambda one: (not one.can_arrive, sign * one.value))


def _reaches(subject: Subject, bar: Bar, one: Tried) -> bool:
    """Whether ``one`` is as good as what is known to be earned."""
    missing = subject.primary.gain(one.value, bar.score.value)
    is_strict = bar.is_initial and not subject.is_metered
    return missing <= (0.0 if is_strict else subject.primary.smallest_effect)


def _passes(subject: Subject, bar: Bar, one: Tried) -> Finding:
    check, label = one.what.check, one.what.label
    scores = f"scores {subject.primary.name} {subject.shown(one.value)}"
    message = f"{label} {scores}, as good as {bar.who} ({subject.shown(bar.score.value)})"
    fix = _FIXES.get(check, _REFUSE)
    if one.what.worth is Worth.MALFORMED:
        return warning(check, message, fix)
    if not one.can_arrive:
        return warning(check, f"{message}; only the line to candidates refuses it", fix)
    if bar.is_initial:
        fix = f"{fix}; {_SHOW}"
    return error(check, message, fix)


def _half_way(subject: Subject, bar: Bar, blind: Sequence[Tried]) -> Iterator[Finding]:
    """Yields a warning about the best worthless answer if it gets half of what can be had."""
    ranked = _best_first(subject, blind)
    if len(ranked) < 2:
        return
    best, worst = ranked[0], ranked[-1]
    whole = subject.primary.gain(worst.value, bar.score.value)
    share = subject.primary.gain(worst.value, best.value) / whole if whole > 0 else 0.0
    if share >= 0.5:
        yield warning(
            best.what.check,
            f"{best.what.label} scores {subject.primary.name} {subject.shown(best.value)}, "
            f"{share:.0%} of the way from the worst answer ({subject.shown(worst.value)}) to "
            f"{bar.who} ({subject.shown(bar.score.value)})",
            _FIXES.get(best.what.check, _REFUSE),
        )


def _baseline(subject: Subject, bar: Bar | None, blind: Sequence[Tried]) -> Iterator[Finding]:
    """Yields what the best constant answer is worth."""
    ranked = _best_first(subject, [one for one in blind if one.what.constant])
    known = f"; {bar.who}: {subject.shown(bar.score.value)}" if bar is not None else ""
    if ranked:
        best = ranked[0]
        yield note(
            "baseline",
            f"the best constant answer found, {best.what.label}, scores "
            f"{subject.primary.name} {subject.shown(best.value)}{known}",
        )
    else:
        yield note("baseline", f"the exam refuses every constant answer that was tried{known}")


def check_reference(subject: Subject) -> Iterator[Finding]:
    """Yields whether the reference is at the ceiling: better than the initial code."""
    if subject.reference is None:
        return
    score = subject.score(subject.reference)
    if isinstance(score, Failure):
        yield error("reference", f"the exam refuses the reference: {score}", "mend one of them")
        return
    initial = None if subject.initial is None else subject.score(subject.initial)
    if not isinstance(initial, Measurement):
        return
    gain = subject.primary.gain(initial.value, score.value)
    values = (
        f"{subject.primary.name} {subject.shown(score.value)}, "
        f"the initial code {subject.shown(initial.value)}"
    )
    if gain < subject.primary.smallest_effect or gain <= 0:
        yield warning(
            "reference",
            f"the reference scores {values}: not better by the smallest effect",
            "look at the metric's direction and smallest_effect, or give a better reference",
        )
    else:
        yield note("reference", f"the reference scores {values}")
