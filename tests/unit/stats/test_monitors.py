import math
from itertools import permutations

import numpy as np
import pytest
from scipy import stats as reference

from filial.stats import cusum, has_trend, slope, spread_changed


def test_cusum_worked_by_hand() -> None:
    """Sums over 1 + 0.5: 0.5, 0, 1, 2, 3, 3.5."""
    values = [2.0, 0.0, 2.5, 2.5, 2.5, 2.0]
    for limit, expected in ((0.4, 0), (0.5, 2), (2.5, 4), (3.4, 5), (3.5, None)):
        assert cusum(values, target=1.0, slack=0.5, limit=limit) == expected
    assert cusum([], target=0.0, slack=0.0, limit=0.0) is None


def test_cusum_forgets_what_was_below() -> None:
    assert cusum([-100.0, 1.0, 1.0], target=0.0, slack=0.0, limit=1.5) == 2


def test_cusum_finds_a_small_lasting_shift() -> None:
    """With slack 1/2 and limit 4 sigma: about 168 values in control, 8.4 after one sigma."""
    rng = np.random.default_rng(0)

    def run_length(shift: float) -> int:
        found = cusum((shift + rng.standard_normal(3000)).tolist(), target=0, slack=0.5, limit=4.0)
        assert found is not None
        return found + 1

    # One-sided; Montgomery's table of two-sided charts has 168, half of it.
    assert np.mean([run_length(0.0) for _ in range(200)]) == pytest.approx(336, rel=0.2)
    assert np.mean([run_length(1.0) for _ in range(300)]) == pytest.approx(8.4, rel=0.1)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_is_refused(value: float) -> None:
    bad, good = [1.0, value, 2.0], [1.0, 2.0, 3.0]
    for monitor in (
        lambda: cusum(bad, target=0.0, slack=0.0, limit=100.0),
        lambda: slope(bad, good),
        lambda: slope(good, bad),
        lambda: spread_changed([good, bad]),
        lambda: has_trend(bad),
    ):
        with pytest.raises(ValueError, match="finite"):
            monitor()


def test_the_slope_is_that_of_scipy() -> None:
    x, y = [1.0, 2.0, 4.0, 4.0, 7.0], [0.1, 0.5, 0.3, 0.9, 0.8]
    fit = reference.linregress(x, y)
    half = float(reference.t.ppf(0.95, 3)) * fit.stderr
    assert slope(x, y) == pytest.approx((fit.slope, fit.slope - half, fit.slope + half))


def test_a_slope_worked_by_hand() -> None:
    assert slope([0.0, 1.0, 2.0], [1.0, 3.0, 5.0]) == pytest.approx((2.0, 2.0, 2.0))
    assert slope([0.0, 1.0, 2.0], [0.0, 0.0, 0.0]) == (0.0, 0.0, 0.0)
    # Residuals -1, 2, -1: error sqrt(6 / 1 / 2), and t(1) = 6.3138.
    half = 6.313752 * math.sqrt(3)
    assert slope([0.0, 1.0, 2.0], [0.0, 3.0, 0.0]) == pytest.approx((0.0, -half, half))


def test_units_of_a_slope() -> None:
    x, y = [1.0, 2.0, 4.0], [0.1, 0.5, 0.3]
    scaled = slope([1e-200 * value for value in x], [1e100 * value for value in y])
    assert [value / 1e300 for value in scaled] == pytest.approx(slope(x, y))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([1.0, 2.0], [1.0, 2.0]),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
        ([], []),
        ([1.0, 2.0, 3.0], [1.0, 2.0]),
    ],
)
def test_points_without_a_slope_are_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError, match=r"slope|values"):
        slope(x, y)


def test_the_spread_test_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for sizes in ((3, 8), (5, 4, 12), (20, 20)):
        groups = [rng.normal(i, 1 + i, n).tolist() for i, n in enumerate(sizes)]
        p = float(reference.levene(*groups, center="median").pvalue)
        assert spread_changed(groups, alpha=p * (1 + 1e-9))
        assert not spread_changed(groups, alpha=p * (1 - 1e-9))
        huge = [[1e200 * value for value in group] for group in groups]
        assert spread_changed(huge, alpha=p * (1 + 1e-9))
        # Groups of two do not count.
        assert spread_changed([[0.0, 1e9], *groups, []], alpha=p * (1 + 1e-9))


def test_a_spread_needs_two_groups_of_three() -> None:
    assert not spread_changed([])
    assert not spread_changed([[1.0, 2.0, 3.0, 9.0]], alpha=1.0)
    assert not spread_changed([[1.0, 2.0, 3.0, 9.0], [0.0, 100.0]], alpha=1.0)


def test_constant_groups_have_one_spread() -> None:
    assert not spread_changed([[1.0] * 9, [2.0] * 9], alpha=1.0)
    assert not spread_changed([[0.0, 1.0] * 9, [2.0, 3.0] * 9], alpha=1.0)


def test_a_spread_where_there_was_none_needs_enough_values() -> None:
    """Distances are 0 in one group and 1/2 in the other: by chance once in 70, or in 10,626."""
    assert not spread_changed([[5.0] * 4, [4.5, 5.5, 4.5, 5.5]])
    assert spread_changed([[5.0] * 20, [4.5, 5.5, 4.5, 5.5]])


@pytest.mark.parametrize(("size", "most"), [(3, 0.005), (4, 0.03), (5, 0.005), (20, 0.02)])
def test_false_alarms_about_spread(size: int, most: float) -> None:
    rng = np.random.default_rng(size)
    alarms = [spread_changed(rng.standard_t(3, (2, size)).tolist()) for _ in range(1500)]
    assert np.mean(alarms) <= most


@pytest.mark.parametrize(
    ("sizes", "least", "most"), [((5, 5), 0.0, 0.06), ((3, 20), 0.5, 0.9), ((20, 20), 0.99, 1.0)]
)
def test_how_often_a_tenfold_spread_is_found(
    sizes: tuple[int, int], least: float, most: float
) -> None:
    rng = np.random.default_rng(0)
    found = [
        spread_changed(
            [rng.normal(0, sd, n).tolist() for sd, n in zip((10, 1), sizes, strict=True)]
        )
        for _ in range(300)
    ]
    assert least <= np.mean(found) <= most


def test_a_trend_worked_by_hand() -> None:
    """Six in order: 2 of 720 orders; five: 2 of 120."""
    assert has_trend([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert has_trend([6.0, 5.0, 4.0, 3.0, 2.0, 1.0], alpha=2 / 720)
    assert not has_trend([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], alpha=1.99 / 720)
    assert not has_trend([1.0, 2.0, 3.0, 4.0, 5.0])
    assert has_trend([1.0, 2.0, 3.0, 4.0, 5.0], alpha=2 / 120)
    assert not has_trend([1.0, 2.0, 3.0, 4.0], alpha=1.0)
    assert not has_trend([1.0] * 30)
    assert not has_trend([1.0] * 100)


def p_value(values: list[float]) -> float:
    """The level at which a trend is claimed, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(35):
        middle = (low + high) / 2
        low, high = (low, middle) if has_trend(values, alpha=middle) else (middle, high)
    return high


@pytest.mark.parametrize("n", [5, 8, 25, 40])
def test_without_ties_it_is_the_exact_test_of_scipy(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(3):
        values = (rng.standard_normal(n) + np.arange(n) / n).tolist()
        oracle = reference.kendalltau(range(n), values, method="exact").pvalue
        assert p_value(values) == pytest.approx(oracle)


@pytest.mark.parametrize(
    "values", [[1.0, 1.0, 2.0, 2.0, 3.0, 2.0], [0.0, 0.0, 0.0, 1.0, 1.0, 1.0], [2.0, 1, 1, 1, 1]]
)
def test_with_ties_it_is_the_share_of_all_orders(values: list[float]) -> None:
    def score(order: tuple[float, ...]) -> float:
        array = np.array(order)
        return abs(float(np.triu(np.sign(array - array[:, np.newaxis]), 1).sum()))

    scores = [score(order) for order in permutations(values)]
    expected = np.mean(np.array(scores) >= score(tuple(values)))
    assert p_value(values) == pytest.approx(expected)


def test_long_series_use_the_normal_limit_of_scipy() -> None:
    rng = np.random.default_rng(0)
    for spread in (1000, 5):  # few ties, many ties
        values = (rng.integers(0, spread, 100) + spread * np.arange(100) / 300).round().tolist()
        oracle = reference.kendalltau(range(100), values, method="asymptotic").pvalue
        assert p_value(values) == pytest.approx(oracle)


@pytest.mark.parametrize("n", [6, 10, 100])
def test_false_alarms_about_trends(n: int) -> None:
    rng = np.random.default_rng(n)
    alarms = [has_trend(rng.integers(0, 4, n).tolist(), alpha=0.05) for _ in range(600)]
    assert np.mean(alarms) <= 0.05 + 4 * math.sqrt(0.05 / 600)
