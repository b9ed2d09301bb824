import math

import numpy as np
import pytest
from scipy import special
from statsmodels.stats.power import TTestPower

from filial.stats import minimum_detectable_effect, seeds_needed


@pytest.mark.parametrize(
    ("alpha", "table"),
    [
        (
            0.05,
            {
                3: (2.30, 1.44),
                4: (1.65, 1.24),
                5: (1.36, 1.11),
                6: (1.19, 1.02),
                8: (0.98, 0.88),
                10: (0.85, 0.79),
            },
        ),
        (0.001, {3: (16.4, 2.27), 5: (4.00, 1.76), 10: (1.70, 1.24)}),
    ],
)
def test_what_few_seeds_can_find(alpha: float, table: dict[int, tuple[float, float]]) -> None:
    """In sigma of a difference at 80 % power, sigma estimated and known."""
    for n, (estimated, known) in table.items():
        by_t = minimum_detectable_effect(n, alpha=alpha, dof=n - 1)
        assert by_t == pytest.approx(estimated, abs=0.006, rel=2e-3)
        assert minimum_detectable_effect(n, alpha=alpha) == pytest.approx(known, abs=0.006)


@pytest.mark.parametrize("alpha", [0.6, 0.05, 0.001])
@pytest.mark.parametrize("power", [0.7, 0.9])
@pytest.mark.parametrize("n", [3, 7, 60])
def test_effects_agree_with_statsmodels(n: int, power: float, alpha: float) -> None:
    oracle = TTestPower().solve_power(nobs=n, alpha=alpha, power=power, alternative="larger")
    found = minimum_detectable_effect(n, alpha=alpha, power=power, dof=n - 1)
    assert found == pytest.approx(float(oracle), rel=1e-4)
    reached = TTestPower().power(found, nobs=n, alpha=alpha, alternative="larger")
    assert float(reached) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize("alpha", [0.05, 0.001])
@pytest.mark.parametrize("effect", [3.0, 1.0, 0.4, 0.1])
def test_seeds_agree_with_statsmodels(effect: float, alpha: float) -> None:
    n = seeds_needed(effect, alpha=alpha)

    def power(n: int) -> float:
        test = TTestPower()
        return float(test.power(effect, nobs=n, alpha=alpha, alternative="larger"))

    assert power(n) >= 0.8 > power(n - 1)


@pytest.mark.parametrize("dof", [1, 2, 4, 30, 10**6])
@pytest.mark.parametrize("alpha", [0.3, 1e-6, 1e-12, 1e-100])
def test_extreme_levels_have_an_answer(alpha: float, dof: int) -> None:
    """With one degree of freedom and a large quantile, chance lies in the spread alone."""
    effect = minimum_detectable_effect(1, alpha=alpha, dof=dof)
    assert minimum_detectable_effect(1, alpha=alpha) < effect * (1 + 1e-6)
    assert math.isfinite(effect)
    if alpha < 0.1 and dof <= 2:
        quantile = -float(special.stdtrit(dof, alpha))
        largest = math.sqrt(float(special.chdtri(dof, 0.2)) / dof)
        assert effect == pytest.approx(largest * quantile, rel=1e-5)
    assert 0 < seeds_needed(1.0, alpha=alpha, dof_extra=dof) <= 700


def test_calibration_saves_seeds() -> None:
    assert seeds_needed(2.0, alpha=0.05) == 4
    assert seeds_needed(2.0, alpha=0.05, dof_extra=19) == 2
    assert seeds_needed(3.0, alpha=0.05, dof_extra=19) == 1
    assert seeds_needed(6.0, alpha=0.05) == 2  # without calibration never a single one
    assert seeds_needed(1e9, alpha=0.05) == 2


def test_much_calibration_is_a_known_sigma() -> None:
    known = minimum_detectable_effect(5, alpha=0.01)
    assert minimum_detectable_effect(5, alpha=0.01, dof=10**6) == pytest.approx(known, rel=1e-4)
    n = seeds_needed(0.02, alpha=0.01)
    assert n == pytest.approx((minimum_detectable_effect(1, alpha=0.01) / 0.02) ** 2, rel=1e-3)


def test_items_of_a_pass_fail_panel() -> None:
    """A gain g where a share psi of items is discordant is ``g / sqrt(psi)`` sigma."""
    for psi, gain, items in ((0.1, 0.02, (1544, 3862)), (0.1, 0.05, (246, 616))):
        for alpha, n in zip((0.05, 0.001), items, strict=True):
            found = minimum_detectable_effect(n, alpha=alpha)
            assert found == pytest.approx(gain / math.sqrt(psi), rel=5e-3)


def test_the_power_is_what_simulation_finds() -> None:
    n, alpha = 4, 0.05
    effect = minimum_detectable_effect(n, alpha=alpha, dof=n - 1)
    d = effect + np.random.default_rng(0).standard_normal((20_000, n))
    t = d.mean(axis=1) / d.std(axis=1, ddof=1) * math.sqrt(n)
    assert (t > 2.3534).mean() == pytest.approx(0.8, abs=0.012)


@pytest.mark.parametrize(
    ("n", "alpha", "power", "dof"),
    [
        (0, 0.05, 0.8, None),
        (3, 0.05, 0.8, 0),
        (3, 0.0, 0.8, 2),
        (3, 2.3e-308, 0.8, 2),
        (3, 0.05, 0.05, 2),
        (3, 0.05, 1.0, 2),
    ],
)
def test_impossible_tests_are_refused(n: int, alpha: float, power: float, dof: int | None) -> None:
    with pytest.raises(ValueError, match="no such test"):
        minimum_detectable_effect(n, alpha=alpha, power=power, dof=dof)


@pytest.mark.parametrize("effect", [0.0, -1.0, math.nan])
def test_no_number_of_seeds_finds_no_gain(effect: float) -> None:
    with pytest.raises(ValueError, match="gain"):
        seeds_needed(effect, alpha=0.05)
