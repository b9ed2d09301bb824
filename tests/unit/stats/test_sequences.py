import math

import numpy as np
import pytest
from scipy import integrate, optimize
from scipy import stats as reference

from filial.stats import gaussian_sequence, mean_interval, t_sequence


@pytest.mark.parametrize("rho", [0.5, 1.0, 3.0])
def test_the_gaussian_sequence_inverts_the_normal_mixture(rho: float) -> None:
    differences, sigma, alpha = np.array([0.9, 2.1, 1.4]), 0.7, 0.1
    _, upper = gaussian_sequence(differences.tolist(), sigma, alpha=alpha, rho=rho)

    def integrand(h: float) -> float:
        ratio = np.exp(np.sum(h * (differences - upper) / sigma - h**2 / 2))
        return float(ratio * reference.norm.pdf(h, scale=rho))

    assert integrate.quad(integrand, -40, 40)[0] == pytest.approx(1 / alpha)


def test_a_gaussian_sequence_worked_by_hand() -> None:
    """One value, rho = 1: half width ``sqrt(2 (ln 2 + 2 ln 20))`` = 3.6564."""
    assert gaussian_sequence([1.0], 1.0) == pytest.approx((1 - 3.6564, 1 + 3.6564), abs=1e-4)
    assert gaussian_sequence([1.0, 3.0], 0.0) == (2.0, 2.0)


def test_before_the_first_difference_any_mean_is_possible() -> None:
    assert gaussian_sequence([], 1.0) == (-math.inf, math.inf)
    assert t_sequence([]) == (-math.inf, math.inf)
    assert t_sequence([], prior_ss=5.0, prior_dof=9) == (-math.inf, math.inf)


@pytest.mark.parametrize(("prior_ss", "prior_dof"), [(0.0, 0), (3.0, 4)])
@pytest.mark.parametrize("rho", [1.0, 2.0])
def test_the_t_sequence_inverts_the_mixture_of_t_ratios(
    prior_ss: float, prior_dof: int, rho: float
) -> None:
    """With t about the end, the mean over normal effects of noncentral to central t density."""
    differences, alpha = np.array([0.9, 2.1, 1.4, 1.0, 1.7]), 0.1
    lower, _ = t_sequence(
        differences.tolist(), prior_ss=prior_ss, prior_dof=prior_dof, alpha=alpha, rho=rho
    )
    n, dof = len(differences), prior_dof + len(differences) - 1
    ss = prior_ss + float(((differences - differences.mean()) ** 2).sum())
    t = math.sqrt(n) * (differences.mean() - lower) / math.sqrt(ss / dof)

    def integrand(delta: float) -> float:
        density = reference.nct.pdf(t, dof, delta * math.sqrt(n)) / reference.t.pdf(t, dof)
        return float(density * reference.norm.pdf(delta, scale=rho))

    mixture, _ = integrate.quad(integrand, -6 * rho, 6 * rho, points=[0.0, rho], limit=200)
    assert mixture == pytest.approx(1 / alpha, rel=1e-4)


def test_three_differences_alone_say_nothing() -> None:
    assert t_sequence([1.0]) == (-math.inf, math.inf)
    assert t_sequence([1.0, 1.1]) == (-math.inf, math.inf)
    lower, upper = t_sequence([1.0, 1.1, 0.9, 1.0])
    assert 0.5 < lower < 1.0 < upper < 1.5


def test_a_t_sequence_worked_by_hand() -> None:
    """One difference and sigma about 1 on 20 degrees of freedom.

    ``(sqrt 5 / 0.05)^(2 / 21)`` = 1.4361, and ``sqrt(20 * 0.4361 / (1 - 1.4361 / 5))`` = 3.498.
    """
    ends = t_sequence([1.0], prior_ss=20.0, prior_dof=20)
    assert ends == pytest.approx((1 - 3.498, 1 + 3.498), abs=1e-3)


def test_it_is_wider_than_an_interval_that_forbids_looking() -> None:
    d = [0.3, 0.5, 0.2, 0.9, 0.4, 0.6]
    lower, upper = t_sequence(d)
    fixed = mean_interval(d)
    assert lower < fixed[0]
    assert upper > fixed[1]
    assert (lower + upper) / 2 == pytest.approx(np.mean(d))


def test_nothing_varies_and_units_do_not_matter() -> None:
    assert t_sequence([0.5] * 5) == (0.5, 0.5)
    d = [0.3, 0.5, 0.2, 0.9, 0.4]
    scaled = t_sequence([1e150 * value for value in d])
    assert [end / 1e150 for end in scaled] == pytest.approx(t_sequence(d))


def test_the_default_scale_is_about_the_best_for_five_to_eight() -> None:
    """What the docstring claims, against the best scale for that number of differences."""
    for n in (5, 6, 8):
        d = [float(i % 2) for i in range(n)]

        def width(log_rho: float, d: list[float] = d) -> float:
            lower, upper = t_sequence(d, rho=math.exp(log_rho))
            return min(upper - lower, 1e9)

        best = optimize.minimize_scalar(width, bounds=(-0.5, 2.5), method="bounded")
        assert width(math.log(2.0)) < 1.06 * best.fun
