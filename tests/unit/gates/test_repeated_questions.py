"""An artifact is judged by its answers to fresh questions: the same ones again say nothing new."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from filial.core import Decision, Judged, Measurement, Metric, Noise, Pair, Trial, Verdict
from filial.gates import Case, ConfirmationGate, Rule
from filial.gates.evidence import discordant, with_new_questions
from filial.testing.gate_contract import trial

LONG = ConfirmationGate(Rule(max_pairs=64))
SCORE = Metric("score", unit="share")
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.ARTIFACT,
    primary=SCORE,
    guards=(),
    noise=Noise(sigma=0.1, n_values=20),
    alpha=0.002,
)

Answers = Callable[[int], float]
"""What is scored on a question."""


def sat(candidate: str, questions: Sequence[int], answers: Answers, k: int) -> Trial:
    items = tuple(answers(question) for question in questions)
    measured = Measurement(
        metric="score",
        value=math.fsum(items) / len(items),
        items=items,
        questions=tuple(map(str, questions)),
    )
    return replace(trial(candidate, 0.0, k=k), measurements=(measured,))


def pair(questions: Sequence[int], before: Answers, after: Answers, k: int = 0) -> Pair:
    return Pair(
        incumbent=sat("old", questions, before, k), challenger=sat("new", questions, after, k)
    )


def failed_it(_question: int) -> float:
    return 0.0


def passed_it(_question: int) -> float:
    return 1.0


def first(
    evidence: Sequence[Pair], case: Case = CASE, gate: ConfirmationGate = LONG
) -> tuple[Verdict, int]:
    for n in range(1, len(evidence) + 1):
        verdict = gate.judge(replace(case, pairs=tuple(evidence[:n])))
        if verdict is not None:
            return verdict, n
    raise AssertionError("the gate must decide on these pairs")


def test_a_question_counts_once_however_often_it_is_asked() -> None:
    one, two = range(4), range(2, 6)
    asked = [pair(one, failed_it, passed_it), pair(two, failed_it, passed_it)]
    assert discordant(SCORE, asked) == (6, 0)
    assert discordant(SCORE, [*asked, *asked]) == (6, 0)
    assert discordant(SCORE, [asked[0], pair(two, passed_it, failed_it)]) == (4, 2)
    again = [asked[0], pair(one, passed_it, failed_it)]
    assert discordant(SCORE, again) == (4, 0), "the first answer counts"


def test_unknown_questions_are_all_different() -> None:
    known = pair(range(3), failed_it, passed_it)
    sides = without_questions(known.incumbent), without_questions(known.challenger)
    unknown = [Pair(incumbent=sides[0], challenger=sides[1])] * 4
    assert discordant(SCORE, unknown) == (12, 0)
    assert with_new_questions(SCORE, unknown) == tuple(unknown)


def without_questions(sat: Trial) -> Trial:
    return replace(sat, measurements=(replace(sat["score"], questions=()),))


def test_sides_that_were_asked_different_things_do_not_pair_up() -> None:
    known = pair([1, 2, 3], failed_it, passed_it)
    odd = replace(known, challenger=sat("new", [1, 2, 4], passed_it, 0))
    assert discordant(SCORE, [odd]) is None
    known = pair([1, 2], failed_it, passed_it)
    half = replace(known, incumbent=without_questions(known.incumbent))
    assert discordant(SCORE, [half]) is None


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ([[1, 2], [3, 4], [5, 6]], [0, 1, 2]),
        ([[1, 2], [1, 2], [2, 1]], [0]),
        ([[1, 2], [2, 3], [3, 4]], [0, 1, 2]),  # half of them are new each time
        ([[1, 2, 3], [2, 3, 4], [4, 5, 6]], [0, 2]),  # a third is too little
        ([[1, 2, 3], [3, 2, 9], [9, 2, 8], [7, 8, 6]], [0, 3]),  # also to those left out
        ([], []),
    ],
)
def test_pairs_that_ask_mostly_what_was_asked_before_are_left_out(
    asked: list[list[int]], kept: list[int]
) -> None:
    pairs = [pair(questions, failed_it, passed_it, k) for k, questions in enumerate(asked)]
    assert with_new_questions(SCORE, pairs) == tuple(pairs[k] for k in kept)


def graded(gain: float) -> Answers:
    """Scores between 0.2 and 0.9, the same for a question whenever it is asked."""
    return lambda question: 0.2 + 0.05 * (question % 11) + gain + 0.001 * (question % 5)


KINDS = pytest.mark.parametrize(
    ("before", "after"),
    [(failed_it, passed_it), (graded(0.0), graded(0.2))],
    ids=["passed or failed", "graded"],
)


@KINDS
@pytest.mark.parametrize("n_asked", [10, 7, 5])
@pytest.mark.parametrize("n_bought", [0, 60])
def test_a_fixed_pool_of_ten_questions_promotes_nothing(
    before: Answers, after: Answers, n_asked: int, n_bought: int
) -> None:
    """All of it or a part each time, shuffled, with the largest gain there can be."""
    rng = np.random.default_rng(1)
    n_most = LONG.rule.max_pairs + n_bought
    pairs = [pair(rng.permutation(10)[:n_asked].tolist(), before, after, k) for k in range(n_most)]
    for alpha in (0.0005, 0.004):
        case = replace(CASE, alpha=alpha, n_bought=n_bought)
        verdict, _ = first(pairs, case)
        assert verdict.decision is not Decision.PROMOTE
        assert LONG.more_pairs(replace(case, pairs=tuple(pairs))) == 0


@KINDS
def test_a_fresh_pool_promotes_the_same_gain(before: Answers, after: Answers) -> None:
    pairs = [pair(range(10 * k, 10 * k + 10), before, after, k) for k in range(16)]
    for alpha in (0.0005, 0.004):
        verdict, _ = first(pairs, replace(CASE, alpha=alpha))
        assert verdict.decision is Decision.PROMOTE


def test_luck_on_a_fixed_pool_is_not_multiplied() -> None:
    """Two artifacts of the same worth, one of which has the better answers to these questions."""
    rng = np.random.default_rng(4)
    for _ in range(50):
        luck = rng.normal(0, 0.1, (2, 10))
        one, other = (lambda q, side=side: float(side[q]) for side in luck)
        order = [rng.permutation(10).tolist() for _ in range(16)]
        pairs = [pair(questions, one, other, k) for k, questions in enumerate(order)]
        verdict, _ = first(pairs, gate=ConfirmationGate())
        assert verdict.decision is not Decision.PROMOTE


@KINDS
def test_why_nothing_came_of_it_is_said(before: Answers, after: Answers) -> None:
    gate = ConfirmationGate()
    verdict, n = first([pair(range(10), before, after, k) for k in range(16)], gate=gate)
    assert (verdict.decision, n) == (Decision.UNDECIDED, 16)
    assert verdict.reason == (
        "not enough evidence after 16 pairs, of which 15 asked nothing new: the exam repeats its "
        "questions"
    )
    assert verdict.comparison is None or len(verdict.comparison.differences) == 1


def test_a_few_questions_asked_again_are_no_reproach() -> None:
    gate = ConfirmationGate()
    fresh = [pair([k], failed_it, passed_it, k) for k in range(8)]
    verdict = gate.judge(replace(CASE, alpha=1e-4, pairs=(*fresh, *fresh)))
    assert verdict is not None
    assert verdict.decision is Decision.UNDECIDED
    assert verdict.reason == "not enough evidence after 16 pairs"


def test_fresh_questions_go_on_after_repeated_ones() -> None:
    """Repeated pairs cost time, but no gain is lost for them."""
    gate = ConfirmationGate()
    old = [pair(range(10), failed_it, passed_it, k) for k in range(6)]
    new = [pair(range(10 * k, 10 * k + 10), failed_it, passed_it, k) for k in range(1, 11)]
    verdict, n = first([*old, *new], gate=gate)
    assert (verdict.decision, n) == (Decision.PROMOTE, 15)
    assert verdict.comparison is not None
    assert len(verdict.comparison.differences) == 10


def test_more_pairs_are_bought_by_what_fresh_questions_say() -> None:
    gate = ConfirmationGate()
    asked = [range(10 * (k // 2), 10 * (k // 2) + 10) for k in range(16)]  # each of them twice
    promising = [pair(q, graded(0.0), graded(0.2), k) for k, q in enumerate(asked)]
    assert gate.more_pairs(replace(CASE, pairs=tuple(promising[:12]))) == 8
    assert gate.more_pairs(replace(CASE, pairs=tuple(promising[:4]))) == 0


def test_the_builds_of_a_recipe_are_fresh_whatever_they_are_asked() -> None:
    gate = ConfirmationGate()
    rng = np.random.default_rng(5)
    recipe = replace(CASE, judged=Judged.RECIPE, noise=Noise(sigma=0.02, n_values=20))

    def built(gain: float) -> Answers:
        luck = rng.normal(0, 0.01)
        return lambda _question: 0.5 + gain + luck

    pairs = [pair(range(10), built(0.0), built(0.2), k) for k in range(16)]
    verdict, n = first(pairs, recipe, gate)
    assert (verdict.decision, n) == (Decision.PROMOTE, 7)
