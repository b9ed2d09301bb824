"""Rules, by hand on tiny streams."""

import math
from collections.abc import Iterator

import pytest

from filial.bench.confirming import N_FRESH, Confirmer, trial
from filial.bench.rules import RULES, Gated, Paired, StoredBest, exceeds
from filial.bench.stream import play
from filial.bench.worlds import Machine, Proposal, World, chance
from filial.core import Decision, Judged, Pair, Trial
from filial.gates import Rule

PLAIN = World(name="plain", title="")


def machine() -> Machine:
    return Machine(PLAIN, chance(0, "plain", 0, 1))


def test_stored_best_keeps_what_beats_the_luckiest_result_so_far() -> None:
    field = machine()
    contest = StoredBest().begin(field, PLAIN)
    (best,) = machine().builds(0.0, machine().luck(1))
    root = math.sqrt(2)
    assert not contest.consider(Proposal(0.0, root * (best - 0.1))).promoted
    answer = contest.consider(Proposal(0.0, root * (best + 0.3)))
    assert answer.promoted
    assert answer.claimed == pytest.approx(0.3)
    assert not contest.consider(Proposal(0.0, root * (best + 0.2))).promoted
    assert field.n_builds == 4


@pytest.mark.parametrize(
    ("differences", "n_errors", "expected"),
    [
        ([0.1], 0.0, True),
        ([0.0], 0.0, False),
        ([1.0, 2.0, 3.0], 1.0, True),  # mean 2, standard error 0.577
        ([1.0, 2.0, 3.0], 3.4, True),
        ([1.0, 2.0, 3.0], 3.5, False),
        ([-1.0, 0.0, 1.0], 1.0, False),
    ],
)
def test_means_are_weighed_by_their_standard_error(
    differences: list[float], n_errors: float, expected: bool
) -> None:
    is_gain, mean = exceeds(differences, n_errors)
    assert is_gain is expected
    assert mean == pytest.approx(sum(differences) / len(differences))


def test_a_t_test_keeps_one_null_in_twenty() -> None:
    field = machine()
    contest = Paired(name="t", n_pairs=3, test="t").begin(field, PLAIN)
    kept = sum(contest.consider(Proposal(0.0, 0.0)).promoted for _ in range(4000))
    assert kept / 4000 == pytest.approx(0.05, abs=0.01)
    assert field.n_builds == 6 * 4000


def endless(before: float, after: float) -> Iterator[Pair]:
    """Pairs that wobble a little."""
    k = 0
    while True:
        wobble = 0.01 * (k % 3 - 1)
        yield Pair(incumbent=trial(before + wobble), challenger=trial(after - wobble))
        k += 1


def again(value: float, asked: list[int]) -> "list[Trial]":
    return [trial(value)] * asked[-1]


def confirmer() -> Confirmer:
    return Confirmer(Rule(), Judged.RECIPE, [0.0, 0.1, -0.1, 0.05, -0.05, 0.02, -0.02])


def test_the_gate_screens_confirms_and_builds_again() -> None:
    gate = confirmer()
    assert not gate.passes(trial(0.0), trial(0.05))
    assert gate.passes(trial(0.0), trial(1.0))
    asked: list[int] = []

    def from_source(n: int) -> tuple[Trial, ...]:
        asked.append(n)
        return tuple(again(1.0, asked))

    verdict = gate.confirm(endless(0.0, 1.0), from_source)
    assert verdict.decision is Decision.PROMOTE
    assert asked == [2]
    assert verdict.alpha == pytest.approx(0.0005)


def test_what_cannot_be_built_again_is_not_promoted() -> None:
    verdict = confirmer().confirm(endless(0.0, 1.0), lambda n: (trial(-1.0),) * n)
    assert verdict.decision is Decision.REJECT
    assert "from source" in verdict.reason


def test_every_confirmation_spends_error_budget() -> None:
    gate = confirmer()
    first = gate.confirm(endless(0.0, -1.0), lambda _n: ())
    second = gate.confirm(endless(0.0, -1.0), lambda _n: ())
    assert first.decision is Decision.REJECT
    assert 0 < second.alpha < first.alpha


def test_undecided_buys_more_pairs_where_the_gate_says_so() -> None:
    """Gains that come to just too little evidence in the usual number of pairs."""
    rule = Rule(min_pairs=2, max_pairs=2)
    drawn = []

    def pairs() -> Iterator[Pair]:
        for pair in endless(0.0, 0.62):
            drawn.append(pair)
            yield pair

    gate = Confirmer(rule, Judged.RECIPE, [0.0, 0.1, -0.1, 0.05, -0.05, 0.02, -0.02])
    gate.confirm(pairs(), lambda n: (trial(0.62),) * n)
    assert 2 < len(drawn) <= 4


def test_our_rule_promotes_a_large_gain_and_counts_every_build() -> None:
    field = machine()
    contest = Gated().begin(field, PLAIN)
    assert field.n_builds == PLAIN.n_values
    answer = contest.consider(Proposal(20.0, 0.0))
    assert answer.promoted
    assert answer.claimed == pytest.approx(20, abs=2)
    n_rest = field.n_builds - PLAIN.n_values - 1 - 2 - N_FRESH  # first look, from source, and new
    assert n_rest % 2 == 0
    assert n_rest >= 2 * Rule().min_pairs


def test_our_rule_rejects_harm_at_the_price_of_one_build() -> None:
    field = machine()
    contest = Gated().begin(field, PLAIN)
    assert not contest.consider(Proposal(-20.0, 0.0)).looked_good
    assert field.n_builds == PLAIN.n_values + 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_stream_is_tallied(rule: Paired) -> None:
    """Every tenth candidate is a gain of fifty sigma that nobody can miss."""
    world = World(name="obvious", title="", mix=((0.9, -50.0), (0.1, 50.0)), n_candidates=40)
    tally = play(world, rule, 0, 0)
    assert tally == play(world, rule, 0, 0)
    assert tally.n_false == 0
    assert tally.n_promotions >= 2
    assert tally.true_gain == 50.0 * tally.n_promotions
    assert tally.claimed == pytest.approx(tally.true_gain, rel=0.1)
    assert tally.cost >= 40
