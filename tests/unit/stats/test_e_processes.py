import math

import numpy as np
import pytest
from scipy import integrate, special
from scipy import stats as reference
from statsmodels.stats.weightstats import DescrStatsW

from filial.stats import DELTAS, log_e_gaussian, log_e_safe_t, mean_interval


def test_the_gaussian_process_starts_at_one() -> None:
    assert log_e_gaussian([], 1.0) == pytest.approx(0.0, abs=1e-14)


@pytest.mark.parametrize("rho", [0.5, 1.0, 2.0])
def test_the_gaussian_process_is_the_half_normal_mixture(rho: float) -> None:
    differences, sigma = np.array([0.9, 2.1, 1.4]), 0.7

    def integrand(mu: float) -> float:
        ratio = np.exp(np.sum(mu * differences / sigma - mu**2 / 2))
        return float(ratio * reference.halfnorm.pdf(mu, scale=rho))

    expected, _ = integrate.quad(integrand, 0, 40)
    assert log_e_gaussian(differences, sigma, rho) == pytest.approx(math.log(expected), rel=1e-9)


@pytest.mark.parametrize(
    ("threshold", "means"),
    [
        (100, {2: 2.98, 3: 2.33, 4: 1.97, 5: 1.75, 8: 1.37, 10: 1.22}),
        (500, {2: 3.47, 3: 2.70, 4: 2.29, 5: 2.02, 8: 1.57, 10: 1.40}),
    ],
)
def test_the_mean_gain_it_takes(threshold: float, means: dict[int, float]) -> None:
    """In sigma, with sigma inflated by 15 %."""
    for n, mean in means.items():
        assert log_e_gaussian([mean + 0.01] * n, 1.15) > math.log(threshold)
        assert log_e_gaussian([mean - 0.01] * n, 1.15) < math.log(threshold)


@pytest.mark.parametrize("sigmas", [1e3, 1e9, 1e160])
def test_rounding_makes_no_evidence_of_a_disaster(sigmas: float) -> None:
    """For a large negative sum the terms of the formula cancel to fewer digits than they have."""
    assert log_e_gaussian([-sigmas] * 5, 1.0) < 0
    assert log_e_gaussian([-1e300] * 5, 1e-300) < 0


def test_a_worse_mean_never_adds_gaussian_evidence() -> None:
    means = np.linspace(-50, 50, 101)
    log_e = log_e_gaussian(np.repeat(means[:, np.newaxis], 5, axis=1), 1.0)
    assert (np.diff(log_e) > 0).all()


@pytest.mark.parametrize("t", [-3.0, -0.5, 0.0, 1.0, 4.0, 9.0])
@pytest.mark.parametrize(("n", "prior_dof"), [(3, 0), (4, 6), (10, 19)])
def test_the_safe_t_process_is_a_ratio_of_t_densities(t: float, n: int, prior_dof: int) -> None:
    dof = prior_dof + n - 1
    spread = np.arange(n) - (n - 1) / 2
    ss = float((spread**2).sum())
    prior_ss = 2.5 * prior_dof
    mean = t * math.sqrt((prior_ss + ss) / dof / n)
    ratios = [
        reference.nct.pdf(t, dof, delta * math.sqrt(n)) / reference.t.pdf(t, dof)
        for delta in (0.5, 1.0, 2.0)
    ]
    log_e = log_e_safe_t(
        spread + mean, prior_ss=prior_ss, prior_dof=prior_dof, deltas=(0.5, 1.0, 2.0)
    )
    assert log_e == pytest.approx(math.log(np.mean(ratios)), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("t", [-1e6, -30.0, 0.0, 7.0, 50.0, 1e3, 1e6])
@pytest.mark.parametrize("dof", [4, 8, 28])
@pytest.mark.parametrize("mu", [0.8, 7.0, 25.0])
def test_far_tails_agree_with_integrating_the_likelihood_over_sigma(
    t: float, dof: int, mu: float
) -> None:
    """Both densities as integrals over 1/sigma, in units where all squares add up to 1."""
    n = 4
    r = t / math.sqrt(dof + t**2)
    grid = np.linspace(1e-9, 60, 60_001)

    def log_integral(shift: float) -> float:
        log_f = dof * np.log(grid) - grid**2 / 2 + shift * r * grid - shift**2 / 2
        return float(special.logsumexp(log_f))

    # All spread is in the calibration.
    actual = log_e_safe_t(
        [r / math.sqrt(n)] * n, prior_ss=1 - r**2, prior_dof=dof - n + 1, deltas=(mu / 2,)
    )
    assert actual == pytest.approx(log_integral(mu) - log_integral(0.0), rel=1e-8)


def test_evidence_from_equal_differences_is_finite() -> None:
    limit = log_e_safe_t([1.0, 1.0, 1.0, 1.0])
    assert math.exp(float(limit)) == pytest.approx(1197, rel=0.01)
    assert log_e_safe_t([1e-300] * 4) == pytest.approx(float(limit))
    assert log_e_safe_t([1e300] * 4) == pytest.approx(float(limit))
    assert log_e_safe_t([1e6 + 1, 1e6, 1e6 - 1, 1e6]) == pytest.approx(float(limit), abs=1e-5)


def test_no_difference_is_no_evidence() -> None:
    assert log_e_safe_t([0.0, 0.0]) == 0
    assert log_e_safe_t([0.0, 0.0], prior_ss=1.0, prior_dof=6) < 0


def test_a_single_sign_is_worth_less_than_two() -> None:
    """With one difference and no calibration E is the mean of 2 Phi(delta)."""
    expected = np.mean(2 * special.ndtr(np.array(DELTAS)))
    assert math.exp(float(log_e_safe_t([0.3]))) == pytest.approx(expected)
    assert log_e_safe_t([0.3]) == pytest.approx(float(log_e_safe_t([7e5])))
    assert log_e_safe_t([-0.3]) < 0


def test_units_do_not_matter() -> None:
    d = np.array([0.3, 0.5, 0.2])
    assert log_e_safe_t(d * 1e5, prior_ss=0.1e10, prior_dof=5) == pytest.approx(
        float(log_e_safe_t(d, prior_ss=0.1, prior_dof=5))
    )
    assert log_e_gaussian(d * 1e5, 1e4) == pytest.approx(float(log_e_gaussian(d, 0.1)))


def test_leading_axes_are_independent_sequences() -> None:
    d = np.random.default_rng(0).standard_normal((2, 3, 4))
    ss = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    log_e = log_e_safe_t(d, prior_ss=ss, prior_dof=6)
    assert log_e.shape == (2, 3)
    assert log_e[1, 2] == pytest.approx(float(log_e_safe_t(d[1, 2], prior_ss=6.0, prior_dof=6)))
    assert log_e_gaussian(d, ss)[0, 1] == pytest.approx(float(log_e_gaussian(d[0, 1], 2.0)))


def test_the_largest_effect_size_pays_for_itself() -> None:
    """What the docstring of DELTAS claims."""
    d = 8.75 + np.array([-1.0, 0.0, 1.0])
    without = tuple(delta for delta in DELTAS if delta != 8)
    gains = [
        math.exp(float(log_e_safe_t(d, prior_ss=6.0, prior_dof=6, deltas=deltas)))
        for deltas in (DELTAS, without)
    ]
    assert gains == pytest.approx([220_000, 17_000], rel=0.05)
    small = [
        float(log_e_safe_t([0.0, 1.0, 2.0, 1.0], prior_ss=6.0, prior_dof=6, deltas=deltas))
        for deltas in (DELTAS, without)
    ]
    assert small[1] - small[0] < math.log(1.26)


def test_the_interval_is_that_of_statsmodels() -> None:
    d = [0.3, 0.5, 0.2, 0.9]
    assert mean_interval(d) == pytest.approx(DescrStatsW(d).tconfint_mean())
    lower, _ = mean_interval(d, level=0.90)
    assert lower == pytest.approx(DescrStatsW(d).tconfint_mean(alternative="larger")[0])
