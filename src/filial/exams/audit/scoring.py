"""Whether a score depends on the answer and its item, and on nothing else."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from filial.core import Failure, Finding
from filial.exams.audit.merit import Bar
from filial.exams.audit.subject import Subject, canonical, error, note, warning
from filial.exams.base import Item, Plain
from filial.exams.marking import mark

if TYPE_CHECKING:
    import numpy as np

_TOLERANCE = 1e-9  # relative: the order of a sum may show in the last digits


def check_metrics_of(subject: Subject) -> Iterator[Finding]:
    """Yields what each metric came out as for the initial code, and whether twice the same."""
    if subject.initial is None:
        return
    first, again = subject.mark(subject.initial), subject.mark(subject.initial)
    if isinstance(first, Failure) or isinstance(again, Failure):
        yield error(
            "metrics",
            f"the initial code's own answers were scored once, but not again: {first}; {again}",
            "keep nothing from one exam to the next: an instance lives for one trial",
        )
        return
    if not all(_alike(one.items, other.items) for one, other in zip(first, again, strict=True)):
        yield error(
            "metrics",
            f"{subject.name}.score gave the same answers to the same items other scores the "
            "second time",
            "score with nothing but the item and the answer: no chance, no time, no state",
        )
    units = {metric.name: metric for metric in subject.exam_class.metrics}
    values = ", ".join(
        f"{m.metric} {m.value:.4g} {units[m.metric].unit}".rstrip()
        + f" ({units[m.metric].direction})"
        for m in first
    )
    yield note("metrics", f"the initial code: {values}")
    if not subject.primary.smallest_effect and not subject.is_metered:
        yield warning(
            "metrics",
            f"{subject.primary.name} has no smallest_effect: any gain counts, however small",
            f"say what is worth having: filial.Metric({subject.primary.name!r}, "
            "smallest_effect=...)",
        )


def check_order(subject: Subject) -> Iterator[Finding]:
    """Yields an error if scores change when items of a sitting are scored in another order."""
    if subject.initial is None:
        return
    exam, items = subject.draw("dev", subject.seed)
    before = subject.primary_of(mark(exam, items, subject.initial, subject.limit_s))
    exam, items = subject.draw("dev", subject.seed)
    order = _within_sittings(items, _generator(subject, 3))
    moved = [items[k] for k in order]
    answers = [subject.initial[k] for k in order]
    after = subject.primary_of(mark(exam, moved, answers, subject.limit_s))
    if isinstance(before, Failure):
        return
    if isinstance(after, Failure) or not _same_scores(before.items, after.items, order):
        now = after if isinstance(after, Failure) else subject.shown(after.value)
        yield error(
            "item order",
            f"{subject.primary.name} of the same answers is {subject.shown(before.value)}, and "
            f"{now} when the items are scored in another order",
            "score each item by itself; do not count or compare items within score",
        )


def check_depends(subject: Subject, items: Sequence[Item], bar: Bar | None) -> Iterator[Finding]:
    """Yields whether answers keep their score when they are put to other items.

    It is the impossible variant: nobody could answer it, so what passes it did not have to.
    """
    answers = _best_answers(subject, items, bar)
    if bar is None or answers is None or len({canonical(i.question) for i in items}) < 2:
        return
    exam, fresh = subject.draw("dev", subject.seed)
    order = _within_sittings(fresh, _generator(subject, 4), is_shift=True)
    swapped = [fresh[k] for k in order]
    result = subject.primary_of(mark(exam, swapped, answers, subject.limit_s))
    if isinstance(result, Failure):
        return
    value = f"{subject.primary.name} {subject.shown(result.value)}"
    where = f"answers put to other items than their own score {value}"
    if _alike(result.items, bar.score.items):
        yield error(
            "impossible variant",
            f"{where}, the same as before: the score does not depend on the item or its key",
            "compare the answer with item.key, or with what the question demands; "
            f"if {bar.who} answers everything alike, start from code that does not",
        )
    elif subject.primary.gain(result.value, bar.score.value) <= subject.primary.smallest_effect:
        yield warning(
            "impossible variant",
            f"{where}, as good as {bar.who} on its own items ({subject.shown(bar.score.value)})",
            "draw items whose keys differ more, or score more strictly",
        )


def _best_answers(
    subject: Subject, items: Sequence[Item], bar: Bar | None
) -> Sequence[Plain] | None:
    """Returns the answers that set the bar."""
    match bar.who if bar else "":
        case "the initial code":
            return subject.initial
        case "the reference":
            return subject.reference
        case "the keys as answers":
            return [item.key for item in items]  # type: ignore[misc]
        case _:
            return None


def _within_sittings(
    items: Sequence[Item], rng: "np.random.Generator", *, is_shift: bool = False
) -> list[int]:
    """Returns a new order in which every place keeps its sitting.

    Args:
        items: The items.
        rng: Source of chance.
        is_shift: Whether to move every item by one place instead, so that none stays.
    """
    places: dict[int, list[int]] = {}
    for k, item in enumerate(items):
        places.setdefault(item.sitting, []).append(k)
    order = list(range(len(items)))
    for group in places.values():
        moved = (
            group[1:] + group[:1] if is_shift else [group[i] for i in rng.permutation(len(group))]
        )
        for place, k in zip(group, moved, strict=True):
            order[place] = k
    return order


def _same_scores(before: Sequence[float], after: Sequence[float], order: Sequence[int]) -> bool:
    """Whether items kept their scores; which is whose is unknown if only some report one."""
    if len(before) == len(order):
        return _alike([before[k] for k in order], after)
    return _alike(sorted(before), sorted(after))


def _generator(subject: Subject, purpose: int) -> "np.random.Generator":
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    return np.random.default_rng((subject.seed, purpose))


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) <= _TOLERANCE * max(1.0, abs(a), abs(b))
        for a, b in zip(one, other, strict=True)
    )
