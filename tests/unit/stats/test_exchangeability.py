"""Evidence from the order of values and the signs of differences, worked by hand and counted."""

import math
from collections.abc import Sequence
from itertools import combinations, permutations, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filial.stats import ODDS, STAKES, Floats, e_lord_alpha, log_e_ranks, log_e_symmetric


def e_ranks(before: npt.ArrayLike, after: npt.ArrayLike) -> float:
    return float(np.exp(log_e_ranks(before, after)))


def e_symmetric(differences: Sequence[float]) -> float:
    return float(np.exp(log_e_symmetric(differences)))


def in_order(is_after: Sequence[bool]) -> tuple[list[float], list[float]]:
    """Values with these labels from the best down."""
    k = len(is_after)
    before = [float(k - i) for i, label in enumerate(is_after) if not label]
    return before, [float(k - i) for i, label in enumerate(is_after) if label]


def plain(is_after: Sequence[bool]) -> float:
    """The likelihood ratio of an order of labels, one draw at a time, in plain arithmetic."""

    def chance(is_first: Sequence[bool], odds: float) -> float:
        n_first, n_other, p = sum(is_first), len(is_first) - sum(is_first), 1.0
        for label in is_first:
            share = 1.0 if math.isinf(odds) and n_first else 0.0
            if not math.isinf(odds) or not n_first:
                weight = 1.0 if math.isinf(odds) else odds
                share = weight * n_first / (weight * n_first + n_other)
            p *= share if label else 1 - share
            n_first, n_other = n_first - label, n_other - (not label)
        return p

    down = [chance(is_after, odds) for odds in ODDS]
    up = [chance([not label for label in reversed(is_after)], odds) for odds in ODDS]
    return float(np.mean(down + up)) * math.comb(len(is_after), sum(is_after))


def all_orders(m: int, n: int) -> list[list[bool]]:
    """Every order of m labels of one side and n of the other."""
    chosen = combinations(range(m + n), n)
    return [[i in places for i in range(m + n)] for places in chosen]


SIZES = [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (1, 4), (4, 1), (2, 5), (6, 3), (0, 3), (3, 0)]


def test_one_pair_worked_by_hand() -> None:
    """With odds of 2 the better value comes first with chance 2/3, and so on: both directions."""
    shares = [1.0 if math.isinf(odds) else odds / (odds + 1) for odds in ODDS]
    assert e_ranks([0.0], [1.0]) == pytest.approx(2 * np.mean(shares))
    assert e_ranks([1.0], [0.0]) == pytest.approx(2 - 2 * np.mean(shares))


def test_two_pairs_worked_by_hand() -> None:
    """Best first: an `after` of two and two, then of one and two; and likewise worst first."""
    perfect = [1.0 if math.isinf(r) else (2 * r / (2 * r + 2)) * (r / (r + 2)) for r in ODDS]
    assert e_ranks([1, 2], [3, 4]) == pytest.approx(6 * np.mean(perfect))


@pytest.mark.parametrize(("m", "n"), SIZES)
def test_it_is_the_likelihood_ratio_of_each_order(m: int, n: int) -> None:
    for labels in all_orders(m, n):
        assert e_ranks(*in_order(labels)) == pytest.approx(plain(labels), rel=1e-10)


@pytest.mark.parametrize(("m", "n"), SIZES)
def test_the_mean_over_all_orders_of_labels_is_one(m: int, n: int) -> None:
    values = [e_ranks(*in_order(labels)) for labels in all_orders(m, n)]
    assert np.mean(values) == pytest.approx(1.0, rel=1e-12)
    assert max(values) <= math.comb(m + n, n) * (1 + 1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7, 16])
def test_the_number_of_orders_bounds_the_evidence(n: int) -> None:
    """However large the values; and perfect order is what comes closest."""
    for scale in (1.0, 1e99):
        most = e_ranks([0.0] * n, [scale * (k + 1) for k in range(n)])
        assert math.comb(2 * n, n) / 6 < most <= math.comb(2 * n, n)


def test_the_bound_makes_eight_pairs_the_fewest_for_the_first_threshold() -> None:
    perfect = [e_ranks(range(n), range(100, 100 + n)) for n in range(1, 9)]
    assert 0.8 * perfect[6] < 1 / e_lord_alpha([]) < 0.8 * perfect[7]


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (3, 3)])
def test_it_is_a_martingale_as_values_arrive(m: int, n: int) -> None:
    """Given the order so far, a new value of either side is as likely anywhere in between."""
    for labels in all_orders(m, n):
        now = e_ranks(*in_order(labels))
        for new in (False, True):
            following = [
                e_ranks(*in_order([*labels[:i], new, *labels[i:]])) for i in range(m + n + 1)
            ]
            assert np.mean(following) == pytest.approx(now, rel=1e-12)


def test_the_mean_over_all_paths_is_one_at_any_stopping_time() -> None:
    """All 720 arrivals of three pairs of different values, stopped when E first reaches 2."""
    stopped, ends = [], []
    for values in permutations(range(6)):
        before, after = values[::2], values[1::2]
        path = [e_ranks(before[:n], after[:n]) for n in (1, 2, 3)]
        stopped.append(next((e for e in path if e >= 2), path[-1]))
        ends.append(path[-1])
    assert max(stopped) >= 2
    assert np.mean(stopped) == pytest.approx(1.0, rel=1e-12)
    assert np.mean(ends) == pytest.approx(1.0, rel=1e-12)


def test_ties_count_against_the_second_side() -> None:
    """As if every value of the first were a little better than its equals."""
    assert e_ranks([1, 2], [2, 3]) == pytest.approx(e_ranks([1, 2.5], [2, 3]))
    assert e_ranks([1, 2], [2, 3]) < e_ranks([1, 1.5], [2, 3])
    assert e_ranks([5, 5, 5], [5, 5, 5]) == pytest.approx(e_ranks([6, 7, 8], [1, 2, 3]))


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=5),
    st.lists(st.integers(0, 3), min_size=1, max_size=5),
)
def test_no_way_to_break_ties_gives_less(before: list[int], after: list[int]) -> None:
    rng = np.random.default_rng(len(before) * 7 + len(after))
    for _ in range(5):
        broken = [
            [v + float(u) for v, u in zip(s, rng.random(len(s)) / 2, strict=True)]
            for s in (before, after)
        ]
        assert e_ranks(before, after) <= e_ranks(*broken) * (1 + 1e-12)


@given(st.permutations(range(8)))
def test_monotone_transforms_change_nothing(values: list[int]) -> None:
    before, after = np.array(values[:4], float), np.array(values[4:], float)
    expected = e_ranks(before, after)
    for transform in (np.exp, np.arctan, lambda v: v**3 - 1e6, lambda v: 1e-12 * v):
        assert e_ranks(transform(before), transform(after)) == expected


@given(st.permutations(range(6)), st.permutations(range(3)))
def test_the_order_within_a_side_does_not_matter(values: list[int], order: list[int]) -> None:
    before, after = values[:3], values[3:]
    assert e_ranks(before, after) == e_ranks([before[i] for i in order], after)
    assert e_ranks(before, after) == e_ranks(before, [after[i] for i in order])


@given(st.permutations(range(8)), st.integers(0, 3))
def test_a_better_value_is_never_less_evidence(values: list[int], k: int) -> None:
    before, after = values[:4], [float(v) for v in values[4:]]
    better = list(after)
    better[k] += 2.5
    assert e_ranks(before, better) >= e_ranks(before, after) * (1 - 1e-12)


def test_one_value_however_large_decides_nothing() -> None:
    """The largest of eight is as good at 1.1 as at 1e100."""
    before = [1.0, 0.9, 1.05, 0.95]
    after = [0.97, 1.02, 0.93]
    assert e_ranks(before, [*after, 1e100]) == e_ranks(before, [*after, 1.1])
    assert e_ranks(before, [*after, 1e100]) < 3


def test_without_values_it_is_one() -> None:
    assert e_ranks([], []) == pytest.approx(1.0)
    assert e_ranks([], [1.0, 2.0]) == pytest.approx(1.0)
    assert e_ranks([3.0], []) == pytest.approx(1.0)


def test_leading_axes_are_independent() -> None:
    rng = np.random.default_rng(1)
    before, after = rng.standard_normal((2, 3, 4)), rng.standard_normal((2, 3, 5))
    found = log_e_ranks(before, after)
    assert found.shape == (2, 3)
    for i, j in product(range(2), range(3)):
        assert found[i, j] == log_e_ranks(before[i, j], after[i, j])
    d = rng.standard_normal((2, 3, 6))
    assert log_e_symmetric(d).shape == (2, 3)
    assert log_e_symmetric(d)[1, 2] == log_e_symmetric(d[1, 2])


EXTREME = (0.0, 5e-324, 1e-160, 1.0, 1e100, -1.0, -1e-160, -1e100)


@given(st.lists(st.tuples(st.sampled_from(EXTREME), st.sampled_from(EXTREME)), max_size=16))
def test_extreme_values_stay_finite(pairs: list[tuple[float, float]]) -> None:
    before, after = [a for a, _ in pairs], [b for _, b in pairs]
    assert np.isfinite(log_e_ranks(before, after))
    found = log_e_symmetric([b - a for a, b in pairs])
    assert np.isfinite(found)
    assert found <= len(pairs) * math.log(2) + 1e-9


# Signs


def signed(sizes: Sequence[float]) -> list[tuple[float, ...]]:
    """The sizes with every pattern of signs."""
    patterns = product((-1.0, 1.0), repeat=len(sizes))
    return [tuple(s * size for s, size in zip(p, sizes, strict=True)) for p in patterns]


ALL_SIZES = [
    (1.0,),
    (1.0, 1.0, 1.0),
    (0.02, 0.44, 0.03, 0.01),
    (5.0, 1.0, 0.2, 0.04, 0.008),
    (0.0, 1.0, 0.0, 2.0),
    (1e-12, 3e-12, 2e-12),
    (1e100, 1.0, 1e-100),
    tuple(float(k) for k in range(1, 9)),
]


@pytest.mark.parametrize("sizes", ALL_SIZES, ids=str)
def test_the_mean_over_all_patterns_of_signs_is_one(sizes: tuple[float, ...]) -> None:
    assert np.mean([e_symmetric(d) for d in signed(sizes)]) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("sizes", ALL_SIZES, ids=str)
def test_signs_are_a_martingale_as_they_arrive(sizes: tuple[float, ...]) -> None:
    for d in signed(sizes[:-1]):
        following = [e_symmetric([*d, sign * sizes[-1]]) for sign in (-1.0, 1.0)]
        assert np.mean(following) == pytest.approx(e_symmetric(d), rel=1e-12, abs=1e-300)


def test_signs_worked_by_hand() -> None:
    """The first difference has size one in its own unit: a stake s gives 2 / (1 + exp(-2 s))."""
    factors = [2.0 if math.isinf(s) else 2 / (1 + math.exp(-2 * s)) for s in STAKES]
    assert e_symmetric([0.03]) == pytest.approx(np.mean(factors))
    assert e_symmetric([-0.03]) == pytest.approx(2 - np.mean(factors))
    # The second is half as large as the first: two thirds of the mean size so far.
    seconds = [2.0 if math.isinf(s) else 2 / (1 + math.exp(-2 * s * 2 / 3)) for s in STAKES]
    assert e_symmetric([2.0, 1.0]) == pytest.approx(np.mean(np.multiply(factors, seconds)))


def test_each_difference_at_most_doubles_the_evidence() -> None:
    for n in range(1, 17):
        steady = e_symmetric([0.35] * n)
        assert 2**n / len(STAKES) < steady <= 2**n
        assert e_symmetric([1e100] * n) == pytest.approx(steady)


def test_a_difference_of_zero_says_nothing() -> None:
    assert [e_symmetric([0.0] * n) for n in (0, 1, 9)] == pytest.approx([1.0] * 3)
    # It is a size, though: the next one is large for it.
    assert e_symmetric([0.0, 1.0]) > e_symmetric([1.0])


@given(st.lists(st.floats(-1e3, 1e3).filter(lambda v: abs(v) > 1e-3), min_size=1, max_size=9))
def test_the_unit_does_not_matter(d: list[float]) -> None:
    expected: Floats = log_e_symmetric(d)
    for unit in (2.0**-40, 2.0**40):
        assert log_e_symmetric([v * unit for v in d]) == pytest.approx(expected, rel=1e-9)


def test_one_lucky_difference_is_one_sign() -> None:
    """At most twice what there was without it."""
    d = [0.01, -0.02, 0.03, -0.01, 0.02]
    assert e_symmetric([*d, 1e100]) <= 2 * e_symmetric(d) * (1 + 1e-12)
