"""Whether items are drawn afresh: the same for the same seed, different ones for others."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from filial.core import Finding, Judged
from filial.exams.audit.subject import (
    Subject,
    canonical,
    error,
    note,
    question_bytes,
    warning,
)
from filial.exams.base import Item

SEED_OVERLAP = 0.2  # of the questions of neighbouring seeds; beyond it is no coincidence
FEW_QUESTIONS = 0.5  # of confirm questions that occur in dev, beyond which they are no test
SMALL_POOL = 0.02  # of the questions in two places; beyond it the pool is worth a word
_N_NEAR, _N_FAR = 5, 5

_Questions = frozenset[bytes]


def check_repeatable(subject: Subject) -> Iterator[Finding]:
    """Yields an error if the same seed draws other items the second time."""
    first, again = subject.items(), subject.items()
    if _drawn(subject, first) != _drawn(subject, again):
        yield error(
            "same seed, same items",
            f"{subject.name}.items drew other items the second time for the same seed, so that "
            "incumbent and challenger would answer different ones",
            "draw from rng only: no random, no time, no sets, no state left from an earlier exam",
        )


def check_fresh(subject: Subject, seeds: Sequence[int]) -> Iterator[Finding]:
    """Yields what is wrong with the questions of different seeds and splits.

    Args:
        subject: The exam.
        seeds: At least 12 seeds, far from each other.
    """
    if subject.judged is Judged.CONSTRUCTION:
        return  # one fixed task is what constructions are about
    near = [_questions(subject, "dev", seeds[0] + step) for step in range(_N_NEAR)]
    far = [_questions(subject, "dev", seed) for seed in seeds[:_N_FAR]]
    confirm = [_questions(subject, "confirm", seed) for seed in seeds[_N_FAR : _N_FAR + 3]]
    sealed = [_questions(subject, "sealed", seed) for seed in seeds[_N_FAR + 3 : _N_FAR + 5]]
    yield from _neighbours(near, far)
    seen = frozenset().union(*far)
    for split, drawn in (("confirm", confirm), ("sealed", sealed)):
        yield from _across(split, seen, frozenset().union(*drawn))
    for split, drawn in (("dev", far), ("confirm", confirm)):
        yield from _pool(split, drawn)
    yield from _repeats(subject)


def _neighbours(near: Sequence[_Questions], far: Sequence[_Questions]) -> Iterator[Finding]:
    close, distant = _overlap(near), _overlap(far)
    if close > SEED_OVERLAP and distant < close / 2:
        yield error(
            "seed overlap",
            f"neighbouring seeds share {close:.0%} of their questions, unrelated ones "
            f"{distant:.0%}: items are numbered from the seed, as by seed + index",
            "draw every item from rng, or from a hash of seed and index",
        )


def _across(split: str, seen: _Questions, drawn: _Questions) -> Iterator[Finding]:
    share = len(seen & drawn) / len(drawn)
    message = f"{share:.0%} of the {split} questions also occur among the dev questions"
    if share > FEW_QUESTIONS:
        yield error(
            "fresh questions",
            f"{message}: whoever learns those by heart passes",
            f"draw from rng, or keep a part of the data for {split} alone; an exam that is one "
            'fixed task is judged = "construction"',
        )
    elif share > SMALL_POOL:
        yield warning(
            "fresh questions",
            f"{message} of {_N_FAR} trials",
            f"keep a part of the data for {split} alone, or draw from more questions",
        )


def _pool(split: str, drawn: Sequence[_Questions]) -> Iterator[Finding]:
    share = _overlap(drawn)
    if share > SMALL_POOL:
        size = sum(map(len, drawn)) / len(drawn)
        yield warning(
            "few questions",
            f"two trials on {split} share {share:.0%} of their {size:.0f} questions: there are "
            f"only about {size / share:.0f}, so that evidence repeats itself",
            "draw from more questions, or fewer at a time",
        )


def _repeats(subject: Subject) -> Iterator[Finding]:
    items = subject.items()
    n_distinct = len({question_bytes(subject.name, k, item) for k, item in enumerate(items)})
    if n_distinct < 0.9 * len(items):
        yield warning(
            "few questions",
            f"of {len(items)} questions of one trial only {n_distinct} are different",
            "draw without replacement, or from more questions",
        )
    else:
        yield note("items", f"a trial asks {len(items)} questions")


def _questions(subject: Subject, split: str, seed: int) -> _Questions:
    _, items = subject.draw(split, seed)
    return frozenset(question_bytes(subject.name, k, item) for k, item in enumerate(items))


def _drawn(subject: Subject, items: Sequence[Item]) -> list[tuple[bytes, bytes | None]]:
    return [
        (question_bytes(subject.name, k, item), canonical(item.key))
        for k, item in enumerate(items)
    ]


def _overlap(drawn: Sequence[_Questions]) -> float:
    """Returns the mean share of the smaller one's questions that two neighbours have in common."""
    shares = [len(one & other) / min(len(one), len(other)) for one, other in pairwise(drawn)]
    return sum(shares) / len(shares)
