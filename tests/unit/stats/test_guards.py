import math

import numpy as np
import pytest
from scipy import stats as reference
from statsmodels.stats.multitest import multipletests

from filial.stats import holm, mean_interval, non_inferiority


def test_non_inferiority_is_the_one_sided_t_test_against_the_margin() -> None:
    d = [0.1, -0.3, 0.2, -0.1]
    for margin in (0.0, 0.2, 1.0):
        oracle = reference.ttest_1samp(d, -margin, alternative="greater")
        assert non_inferiority(d, margin) == pytest.approx(oracle.pvalue)


def test_non_inferiority_worked_by_hand() -> None:
    """Mean 0, margin 2, sd 2 on 2 degrees of freedom: t = sqrt 3, p = (1 - sqrt(3/5)) / 2."""
    assert non_inferiority([-2.0, 0.0, 2.0], 2.0) == pytest.approx((1 - (3 / 5) ** 0.5) / 2)


def test_calibration_sharpens_it() -> None:
    d, ss, dof = [0.1, -0.3, 0.2], 0.5, 10
    p = non_inferiority(d, 0.4, prior_ss=ss, prior_dof=dof)
    assert p < non_inferiority(d, 0.4)
    lower, _ = mean_interval(d, prior_ss=ss, prior_dof=dof, level=1 - 2 * p)
    assert lower == pytest.approx(-0.4)


def test_where_nothing_varies_the_mean_decides() -> None:
    assert non_inferiority([0.0, 0.0], 0.1) == 0
    assert non_inferiority([-0.1, -0.1], 0.1) == 1
    assert non_inferiority([0.0, 0.0], 0.0) == 1


@pytest.mark.parametrize("margin", [-0.1, float("nan")])
def test_a_negative_margin_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        non_inferiority([0.0, 0.1], margin)


def test_one_difference_alone_says_nothing_about_harm() -> None:
    with pytest.raises(ValueError, match="spread"):
        non_inferiority([0.0], 0.1)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_passes_no_guard(value: float) -> None:
    for differences in ([0.1, value], [value, 0.1]):
        with pytest.raises(ValueError, match="finite"):
            non_inferiority(differences, 0.1)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_holm_takes_probabilities(p: float) -> None:
    with pytest.raises(ValueError, match="p-value"):
        holm([0.5, p])


def test_harm_at_the_margin_passes_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    p = [non_inferiority(rng.normal(-1, 1, 4).tolist(), 1.0) for _ in range(3000)]
    for alpha in (0.01, 0.05, 0.5):
        assert np.mean(np.array(p) <= alpha) == pytest.approx(alpha, abs=4 * (alpha / 3000) ** 0.5)


def test_holm_worked_by_hand() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx((0.06, 0.03, 0.06))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_holm_agrees_with_statsmodels() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 2, 7, 30):
        p = (rng.random(n) ** 3).round(2).tolist()  # with ties
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])
