"""Artifacts that pass or fail items: the items on which the two sides differ are the evidence."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from filial.core import Decision, Judged, Measurement, Metric, Noise, Pair, Trial, Verdict
from filial.gates import Case, ConfirmationGate, Rule
from filial.gates.evidence import continued, discordant, item_error
from filial.stats import log_e_discordant, log_e_symmetric
from filial.testing.gate_contract import trial

GATE = ConfirmationGate()
ACCURACY = Metric("accuracy", unit="share")
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.ARTIFACT,
    primary=ACCURACY,
    guards=(),
    noise=Noise(sigma=0.07, n_values=20),
    alpha=0.002,
)


def sat(candidate: str, items: Sequence[float], k: int = 0) -> Trial:
    """A trial with these scores of items; empty items are a metric that has none."""
    value = math.fsum(items) / len(items) if items else 0.5
    measured = Measurement(metric="accuracy", value=value, items=tuple(map(float, items)))
    return replace(trial(candidate, 0.0, k=k), measurements=(measured,))


def pair(before: Sequence[float], after: Sequence[float], k: int = 0) -> Pair:
    return Pair(incumbent=sat("old", before, k), challenger=sat("new", after, k))


def differing(n_better: int, n_worse: int, n_equal: int = 80, k: int = 0) -> Pair:
    """A pair whose challenger wins so many items and loses so many."""
    equal = [float(i % 2) for i in range(n_equal)]
    before = [0.0] * n_better + [1.0] * n_worse + equal
    return pair(before, [1.0] * n_better + [0.0] * n_worse + equal, k)


def first(evidence: Sequence[Pair], case: Case = CASE) -> tuple[Verdict, int]:
    for n in range(1, len(evidence) + 1):
        verdict = GATE.judge(replace(case, pairs=tuple(evidence[:n])))
        if verdict is not None:
            return verdict, n
    raise AssertionError("the gate must decide on these pairs")


def test_won_and_lost_items_are_counted_over_all_pairs() -> None:
    assert discordant(ACCURACY, [differing(3, 1), differing(0, 2), differing(5, 0)]) == (8, 3)
    worse = replace(ACCURACY, direction="min")
    assert discordant(worse, [differing(3, 1), differing(0, 2)]) == (3, 3)
    assert discordant(ACCURACY, [differing(0, 0)]) == (0, 0)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [pair([], [])],  # a metric without items
        [differing(3, 1), pair([1.0, 0.5], [1.0, 1.0])],  # a score between
        [pair([1.0, 0.0], [1.0, 2.0])],
        [pair([1.0, 0.0], [1.0])],  # not the same items
    ],
)
def test_what_was_not_passed_or_failed_is_judged_by_its_mean(pairs: list[Pair]) -> None:
    assert discordant(ACCURACY, pairs) is None


def test_evidence_is_that_of_items_where_trials_agree() -> None:
    """Five won and three lost in each of 16 pairs: the items say less than 16 signs."""
    evidence = tuple(differing(5, 3, k=k) for k in range(16))
    verdict = GATE.judge(replace(CASE, pairs=evidence))
    assert verdict is not None
    assert verdict.comparison is not None
    told = math.exp(log_e_discordant(80, 48))
    assert 1 < told < math.exp(log_e_symmetric([1.0] * 16))
    assert verdict.comparison.e_value == pytest.approx(told)


def test_evidence_is_no_more_than_that_of_trials() -> None:
    """Eight wins and no loss in each pair: overwhelming, were they eight tosses and not one."""
    verdict, n = first([differing(8, 0, k=k) for k in range(16)])
    assert (verdict.decision, n) == (Decision.PROMOTE, 10)
    assert verdict.comparison is not None
    assert verdict.comparison.e_value == pytest.approx(math.exp(log_e_symmetric([1.0] * 10)))


def test_who_tosses_a_coin_when_it_starts_is_not_promoted() -> None:
    """Right on all items of a trial that differ, or wrong on all: no gain, by the same coin."""
    rng = np.random.default_rng(3)
    for _ in range(300):
        tossed = [(40, 0) if rng.random() < 0.5 else (0, 40) for _ in range(16)]
        verdict, _ = first([differing(*sides, k=k) for k, sides in enumerate(tossed)])
        assert verdict.decision is not Decision.PROMOTE


def test_a_recipe_is_judged_by_its_builds() -> None:
    """Items of one build share the luck of its seed, so they are no evidence of their own."""
    verdict, n = first(
        [differing(8, 0, k=k) for k in range(16)], replace(CASE, judged=Judged.RECIPE)
    )
    assert (verdict.decision, n) == (Decision.PROMOTE, 9)


def test_as_many_lost_as_won_is_no_gain() -> None:
    verdict, n = first([differing(10, 10, k=k) for k in range(16)])
    assert verdict.decision is Decision.REJECT
    assert "no prospect" in verdict.reason
    assert n <= 3


def test_equal_answers_are_rejected() -> None:
    verdict, n = first([differing(0, 0, k=k) for k in range(16)])
    assert (verdict.decision, n) == (Decision.REJECT, 2)
    calm = replace(CASE, alpha=1.0)
    assert GATE.judge(replace(calm, pairs=(differing(0, 0),) * 3)) is not None


@pytest.mark.parametrize(
    ("counts", "n_more", "errors", "expected"),
    [
        ((30, 10), 4, 0.0, (60, 20)),  # 31 of 42 of forty more, rounded
        ((30, 10), 4, 1.0, (63, 17)),  # and half a unit by sqrt(40) above
        ((30, 10), 0, 1.0, (30, 10)),
        ((0, 0), 8, 1.0, (2, 0)),  # as if there had been one in four pairs, and won
        ((5, 0), 4, 1.0, (10, 0)),  # no share is above one
    ],
)
def test_a_continuation_worked_by_hand(
    counts: tuple[int, int], n_more: int, errors: float, expected: tuple[int, int]
) -> None:
    assert continued(counts, 4, n_more, errors=errors) == expected


def draw(rng: np.random.Generator, gain: float, k: int, n_items: int = 100) -> Pair:
    """Items of which the incumbent passes 60 %, and 15 % differ, so much more often for it."""
    before = rng.random(n_items) < 0.6
    p_win, p_lose = (0.15 + gain) / 2 / 0.4, (0.15 - gain) / 2 / 0.6
    chance = rng.random(n_items)
    after = np.where(before, chance >= p_lose, chance < p_win)
    return pair(before.astype(float).tolist(), after.astype(float).tolist(), k)


def test_the_spread_between_draws_of_items_does_not_hide_a_gain() -> None:
    """5 % on 1,600 items, 240 of them discordant: found, though A/A draws vary by 7 %."""
    rng = np.random.default_rng(1)
    found, n_pairs = 0, 0
    for _ in range(50):
        verdict, n = first([draw(rng, 0.05, k) for k in range(16)])
        found += verdict.decision is Decision.PROMOTE
        n_pairs += n
    assert found >= 25
    assert n_pairs <= 50 * 11


def test_items_without_a_gain_are_rejected_soon() -> None:
    """Two hundred challengers that win as many as they lose."""
    rng = np.random.default_rng(2)
    answers = [first([draw(rng, 0.0, k) for k in range(16)]) for _ in range(200)]
    assert not [verdict for verdict, _ in answers if verdict.decision is Decision.PROMOTE]
    assert sum(n for _, n in answers) <= 200 * 4


def test_more_pairs_are_for_items_that_would_prove_it() -> None:
    """Sixteen pairs with 33 won and 15 lost do not reach a threshold; half as many again would."""
    evidence = [differing(2, 1 if k < 15 else 0, k=k) for k in range(15)] + [differing(3, 0)]
    case = replace(CASE, pairs=tuple(evidence), noise=Noise(sigma=0.01, n_values=20))
    assert discordant(ACCURACY, evidence) == (33, 15)
    reached = math.exp(log_e_discordant(33, 15))
    hoped = math.exp(log_e_discordant(*continued((33, 15), 16, 8)))
    for threshold, n_more in ((reached * 1.1, 8), (hoped * 0.9, 8), (hoped * 1.1, 0)):
        assert GATE.more_pairs(replace(case, alpha=1 / threshold)) == n_more


def test_no_pairs_are_bought_that_signs_of_trials_could_not_use() -> None:
    """The items tell enough, but half of the trials were lost: eight wins do not outweigh that."""
    evidence = [differing(20, 0, k=k) if k % 2 else differing(0, 5, k=k) for k in range(16)]
    assert log_e_discordant(160, 40) > math.log(500)
    assert GATE.more_pairs(replace(CASE, pairs=tuple(evidence))) == 0
    won = tuple(differing(20, 0, k=k) if k else differing(0, 5, k=k) for k in range(12))
    assert GATE.more_pairs(replace(CASE, pairs=won)) == 8


def test_questions_asked_again_are_no_evidence_beyond_their_mean() -> None:
    """An exam reports one value a question: a half is neither passed nor failed."""
    repeated = pair([0.5, 1.0, 0.0], [1.0, 1.0, 0.0])
    assert discordant(ACCURACY, [repeated]) is None
    verdict = GATE.judge(replace(CASE, pairs=(repeated,) * 3))
    assert verdict is None or verdict.decision is not Decision.PROMOTE


def test_the_error_of_one_pair_is_that_of_its_items() -> None:
    """Gains of 1, 1, -1 and 0: their mean square is 0.75, less 0.25 squared, by 3 and not 4."""
    found = item_error(ACCURACY, pair([0, 0, 1, 1], [1, 1, 0, 1]))
    assert found == pytest.approx(math.sqrt((0.75 - 0.0625) / 3))
    assert item_error(ACCURACY, differing(0, 0)) == 0.0
    assert item_error(replace(ACCURACY, direction="min"), differing(3, 1)) == pytest.approx(
        item_error(ACCURACY, differing(3, 1))
    )
    halves = item_error(ACCURACY, pair([0.5, 1.0], [1.0, 1.0]))
    assert halves == pytest.approx(0.25)  # a spread of 0.5 / sqrt(2), by sqrt(2)


@pytest.mark.parametrize(
    ("before", "after"), [([], []), ([1.0], [0.0]), ([1.0, 0.0], [1.0]), ([1.0, 0.0], [])]
)
def test_items_that_do_not_pair_up_have_no_error(before: list[float], after: list[float]) -> None:
    assert item_error(ACCURACY, pair(before, after)) == math.inf


def seen(one: Pair, case: Case = CASE, gate: ConfirmationGate = GATE) -> Verdict | None:
    return gate.screen(case, one.incumbent, one.challenger)


@pytest.mark.parametrize(
    ("won", "lost", "passes"),
    [
        (5, 0, True),
        (7, 3, True),  # a gain of 0.04, its error is 0.031
        (6, 4, False),  # 0.02, 0.032
        (1, 0, True),  # 0.01 is exactly its error
        (0, 0, False),
        (0, 3, False),
        (49, 43, False),  # 0.06; the error of the items is 0.096, so sigma is what it wants
        (50, 43, True),
    ],
)
def test_the_screen_wants_one_standard_error_of_the_items(
    won: int, lost: int, passes: bool
) -> None:
    """Of a hundred items; A/A draws of other items vary by 0.07, which is the most it wants."""
    verdict = seen(differing(won, lost, n_equal=100 - won - lost), CASE)
    assert (verdict is None) == passes


def test_equal_answers_do_not_pass_the_screen() -> None:
    """Their error is 0, and so is their gain."""
    for gate in (GATE, ConfirmationGate(Rule(screen_sigmas=0.0))):
        verdict = seen(differing(0, 0), gate=gate)
        assert verdict is not None
        assert verdict.reason == "gain 0 share on the dev pair, not above 0"
    assert seen(differing(1, 0), gate=ConfirmationGate(Rule(screen_sigmas=0.0))) is None


@pytest.mark.parametrize("n_items", [2, 3, 7, 49, 100, 200, 999])
def test_one_item_won_passes_whatever_the_rounding(n_items: int) -> None:
    assert seen(differing(1, 0, n_equal=n_items - 1)) is None


def test_a_shorter_artifact_may_lose_one_standard_error() -> None:
    shorter = replace(CASE, margin=0.01)
    assert seen(differing(0, 0), shorter) is None
    assert seen(differing(1, 3), shorter) is None  # 0.024 of 84, its error is 0.024
    assert seen(differing(0, 2), shorter) is not None  # 0.024 of 82, its error is 0.017


@pytest.mark.parametrize(("value", "passes"), [(0.569, False), (0.571, True)])
def test_without_items_the_screen_of_artifacts_wants_one_sigma(value: float, passes: bool) -> None:
    bare = Measurement(metric="accuracy", value=value)
    better = replace(sat("new", []), measurements=(bare,))
    assert (GATE.screen(CASE, sat("old", []), better) is None) == passes


def test_a_recipe_is_screened_by_its_builds() -> None:
    assert seen(differing(5, 0), replace(CASE, judged=Judged.RECIPE)) is not None


def scored(gain: float, k: int) -> Pair:
    """A pair of graded answers, which gain a little more in some pairs than in others."""
    wobble = (0.0, 0.004, -0.003)[k % 3]
    before = [0.2, 0.4, 0.6]
    return pair(before, [score + gain + wobble for score in before], k)


@pytest.mark.parametrize(
    "noise",
    [
        Noise(sigma=0.5, n_values=20),  # of other items: ten times the gain
        Noise(sigma=1e-9, n_values=20),
        Noise(sigma=0.0, n_values=0),
    ],
    ids=["wild", "calm", "unknown"],
)
def test_what_other_items_vary_by_does_not_matter_to_pairs(noise: Noise) -> None:
    """Sides of a pair answer the same items; A/A trials answer others each time."""
    case = replace(CASE, noise=noise)
    verdict, n = first([scored(0.05, k) for k in range(16)], case)
    known, n_known = first([scored(0.05, k) for k in range(16)])
    assert (verdict, n) == (known, n_known)
    assert (verdict.decision, n) == (Decision.PROMOTE, 10)
    recipe, n_recipe = first(
        [scored(0.05, k) for k in range(16)],
        replace(CASE, judged=Judged.RECIPE, noise=Noise(sigma=0.5, n_values=20)),
    )
    assert (recipe.decision, n_recipe < 7) == (Decision.REJECT, True)


@pytest.mark.parametrize("noise", [Noise(sigma=0.5, n_values=20), Noise(sigma=0.0, n_values=0)])
def test_gains_on_items_are_worth_what_their_own_pairs_say(noise: Noise) -> None:
    """A gain of 0.1 is a fifth of sigma between draws, and clear on the items."""
    evidence = [differing(8 + k % 3, 0, n_equal=72 - k % 3, k=k) for k in range(16)]
    verdict, n = first(evidence, replace(CASE, noise=noise))
    assert (verdict.decision, n) == (Decision.PROMOTE, 10)
    assert verdict.comparison is not None
    assert verdict.comparison.lower > 0.05


def test_more_pairs_of_graded_answers_are_bought_whatever_other_items_say() -> None:
    evidence = tuple(scored(0.05, k) for k in range(6))
    for noise in (Noise(sigma=0.5, n_values=20), Noise(sigma=0.0, n_values=0)):
        assert GATE.more_pairs(replace(CASE, pairs=evidence, noise=noise)) == 8


LIMITED = replace(ACCURACY, lowest=0.0, highest=1.0, smallest_effect=0.0)


def rarely_disastrous(rng: np.random.Generator, k: int) -> Pair:
    """A hundred graded items, each a little better, and one in a thousand far worse: no gain."""
    before = rng.uniform(0.4, 0.6, 100)
    after = np.where(rng.random(100) < 0.001, 0.0, before + 0.0005)
    return pair(before.tolist(), after.tolist(), k)


def test_rare_disasters_among_items_with_limits_are_no_gain() -> None:
    """Most trials of twelve hundred items see none or one, and are won all the same."""
    rng = np.random.default_rng(6)
    unknown = found = 0
    for _ in range(60):
        evidence = [rarely_disastrous(rng, k) for k in range(16)]
        unknown += first(evidence)[0].decision is Decision.PROMOTE
        case = replace(CASE, primary=LIMITED)
        found += first(evidence, case)[0].decision is Decision.PROMOTE
    assert unknown > 0, "without limits nobody can know how bad a disaster may be"
    assert found == 0


def test_few_items_do_not_prove_that_nothing_is_lost() -> None:
    """Five items, of which one in forty is lost, where one in fifty would be no harm."""
    rng = np.random.default_rng(7)
    case = replace(CASE, margin=0.02)
    for _ in range(60):
        lost = [int((rng.random(5) < 0.025).sum()) for _ in range(16)]
        evidence = [differing(0, n, n_equal=5 - n, k=k) for k, n in enumerate(lost)]
        assert first(evidence, case)[0].decision is not Decision.PROMOTE


def test_many_items_do_prove_it() -> None:
    case = replace(CASE, margin=0.02)
    verdict, _ = first([differing(0, 0, n_equal=100, k=k) for k in range(16)], case)
    assert verdict.decision is Decision.PROMOTE


def test_sums_in_another_order_are_no_gain() -> None:
    """One unit in the last place, in every trial."""
    before = [0.1 + 0.2, 0.7]
    evidence = [pair(before, [0.3, 0.7], k) for k in range(16)]
    turned = [replace(one, incumbent=one.challenger, challenger=one.incumbent) for one in evidence]
    for pairs in (evidence, turned):
        verdict, _ = first(pairs)
        assert verdict.decision is Decision.REJECT
