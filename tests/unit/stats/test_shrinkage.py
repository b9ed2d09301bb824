import math

import numpy as np
import pytest

from filial.stats import effect_spread


def test_with_equal_errors_it_is_the_mean_square_less_that_of_the_errors() -> None:
    """(9 + 16 + 0 + 11) / 4 - 4 = 5."""
    means = [3.0, -4.0, 0.0, math.sqrt(11)]
    assert effect_spread(means, [2.0] * 4) == pytest.approx(math.sqrt(5))
    assert effect_spread(means, [0.0] * 4) == pytest.approx(3.0)
    assert effect_spread(means, [3.0] * 4) == 0
    assert effect_spread(means, [100.0] * 4) == 0


def test_it_solves_its_equation_for_unequal_errors() -> None:
    means, errors = [3.0, -1.0, 0.2, 2.0], [0.5, 2.0, 0.1, 0.0]
    tau = effect_spread(means, errors)
    total = sum(m**2 / (tau**2 + e**2) for m, e in zip(means, errors, strict=True))
    assert total == pytest.approx(len(means))


def test_nothing_says_otherwise() -> None:
    assert effect_spread([], []) == 0
    assert effect_spread([0.0, 0.0], [0.0, 1.0]) == 0
    assert effect_spread([0.0, 0.5], [0.0, 1.0]) == 0
    # A gain without any error is one, whatever the others say.
    assert effect_spread([1.0, 0.0, 0.0], [0.0, 1.0, 1.0]) > 0


def test_units_do_not_matter() -> None:
    tau = effect_spread([3.0, -1.0], [0.5, 1.0])
    for unit in (1e-200, 1e200):
        assert effect_spread([3.0 * unit, -unit], [0.5 * unit, unit]) == pytest.approx(tau * unit)


@pytest.mark.parametrize("errors", [[1.0], [1.0, -1.0], [1.0, math.nan]])
def test_every_mean_takes_one_error(errors: list[float]) -> None:
    with pytest.raises(ValueError, match="standard error"):
        effect_spread([1.0, 2.0], errors)


def test_means_are_finite() -> None:
    for mean in (math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            effect_spread([1.0, mean], [1.0, 1.0])


@pytest.mark.parametrize("tau", [0.3, 1.0, 4.0])
def test_it_finds_the_spread_it_was_made_with(tau: float) -> None:
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.3, 2.0, 4000)
    means = tau * rng.standard_normal(4000) + errors * rng.standard_normal(4000)
    assert effect_spread(means.tolist(), errors.tolist()) == pytest.approx(tau, rel=0.15)
