import math

import numpy as np
import pytest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from filial.stats import (
    difference_interval,
    is_futile,
    log_e_gaussian,
    mean_interval,
    pooled_sd,
    shrink,
)


def test_the_pooled_spread_adds_sums_of_squares_and_degrees_of_freedom() -> None:
    for differences, ss, dof, expected in (
        ([1.0, 3.0], 0.0, 0, (math.sqrt(2), 1)),
        ([1.0, 3.0], 10.0, 3, (math.sqrt(12 / 4), 4)),
        ([5.0], 12.0, 3, (2.0, 3)),
    ):
        assert pooled_sd(differences, prior_ss=ss, prior_dof=dof) == pytest.approx(expected)


def test_equal_differences_have_no_spread() -> None:
    assert pooled_sd([0.1, 0.1, 0.1]) == (0.0, 2)
    assert mean_interval([0.1, 0.1, 0.1]) == (0.1, 0.1)


def test_huge_differences_do_not_overflow() -> None:
    sd, _ = pooled_sd([1e200, -1e200])
    assert sd == pytest.approx(math.sqrt(2) * 1e200)


def test_one_difference_alone_says_nothing() -> None:
    with pytest.raises(ValueError, match="spread"):
        pooled_sd([1.0])
    with pytest.raises(ValueError, match="spread"):
        mean_interval([1.0])


def test_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    n_inside = 0
    for _ in range(2000):
        ss = float((rng.standard_normal(6) ** 2).sum())
        lower, upper = mean_interval(list(rng.standard_normal(3)), prior_ss=ss, prior_dof=6)
        n_inside += lower <= 0 <= upper
    assert n_inside / 2000 == pytest.approx(0.95, abs=0.015)


def test_shrinkage_worked_by_hand() -> None:
    assert shrink(1.0, sigma=1.0, n=4, tau=0.5) == pytest.approx(0.5)
    assert shrink(1.0, sigma=0.3, n=1) == pytest.approx(4 / 5)
    assert shrink(1.0, sigma=0.3, n=3) == pytest.approx(12 / 13)
    assert shrink(0.7, sigma=0.0, n=3) == 0.7


def test_shrinkage_is_unbiased_under_its_prior() -> None:
    """Among candidates picked for their mean, the shrunken gain is the true one on average."""
    rng = np.random.default_rng(0)
    true = 2.0 * rng.standard_normal(200_000)
    means = true + rng.standard_normal(200_000) / math.sqrt(3)
    picked = means > 2.5
    shrunken = [shrink(mean, 1.0, 3) for mean in means[picked]]
    assert np.mean(shrunken) == pytest.approx(true[picked].mean(), rel=0.01)


@pytest.mark.parametrize("mean", [-1.0, 0.2, 0.7, 0.9, 2.0])
def test_futility_is_that_of_the_gaussian_formula(mean: float) -> None:
    """``S + (N - n)(d + 1/sqrt(n)) < S_needed(N)``, with 1.40 sigma needed at N = 10, E = 500."""
    n, n_max, inflation = 3, 10, 1.15
    total = n * mean + (n_max - n) * (mean + 1 / math.sqrt(n))
    futile = is_futile(
        [mean] * n,
        n_max=n_max,
        sigma=1.0,
        log_e=lambda d: float(log_e_gaussian(list(d), inflation)),
        log_threshold=math.log(500),
    )
    assert futile == (total < 1.40 * n_max)


@pytest.mark.parametrize("sizes", [(3, 3), (3, 12), (8, 4)])
def test_a_difference_of_means_takes_the_wider_of_two_intervals(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(sizes)
    before, after = rng.normal(0, 1, sizes[0]), rng.normal(1, 3, sizes[1])
    compared = CompareMeans(DescrStatsW(after), DescrStatsW(before))
    both = [compared.tconfint_diff(alpha=0.02, usevar=usevar) for usevar in ("unequal", "pooled")]
    found = difference_interval(before.tolist(), after.tolist(), level=0.98)
    assert found == pytest.approx(max(both, key=lambda ends: ends[1] - ends[0]))


def test_a_difference_of_means_without_any_spread() -> None:
    assert difference_interval([1.0, 1.0], [1.5, 1.5, 1.5]) == (0.5, 0.5)
    lower, upper = difference_interval([1.0, 1.0, 1.0], [1.0, 3.0])
    assert lower < 1.0 < upper
