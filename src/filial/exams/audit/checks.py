"""The audit of an exam as far as no sandbox is needed."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from filial.core import Failure, Finding, Severity
from filial.exams.audit.drawing import check_fresh, check_repeatable
from filial.exams.audit.merit import Bar, check_merit, check_reference, find_bar
from filial.exams.audit.scoring import check_depends, check_metrics_of, check_order
from filial.exams.audit.subject import Subject, note
from filial.exams.base import Item

_RANK = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}
N_SEEDS = 12
"""Seeds that an audit needs besides the subject's own."""

_Check = Callable[[Subject, list[Item], Bar | None], Iterator[Finding]]
_CHECKS: tuple[_Check, ...] = (
    lambda subject, _items, _bar: check_metrics_of(subject),
    lambda subject, _items, _bar: check_order(subject),
    check_merit,
    lambda subject, _items, _bar: check_reference(subject),
    check_depends,
)


def check(subject: Subject, seeds: Sequence[int]) -> list[Finding]:
    """Returns what is wrong with an exam, and some facts about it.

    Answers without merit are scored here, by the exam itself; candidate code has no part in it.

    Args:
        subject: The exam.
        seeds: ``N_SEEDS`` seeds, far from each other.

    Raises:
        ExamError: The exam cannot draw its items.

    What this does not cover: answers that nobody thought of, and leaks in another coding than the
    one searched for. An exam without findings may still measure the wrong thing.
    """
    found = list(check_repeatable(subject))
    if found:
        return found  # nothing else would mean anything
    found += check_fresh(subject, seeds)
    items = subject.items()
    bar = find_bar(subject, items)
    if subject.initial is None:
        found.append(note("initial code", "it was not run, so nothing is compared with it"))
    elif isinstance(subject.score(subject.initial), Failure):
        bar = None
    for one in _CHECKS:
        found += one(subject, items, bar)
    return found


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns the findings without repetitions, errors first; otherwise in their order."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda finding: _RANK[finding.severity]))
