"""Incumbents that turn bad once they are believed."""

from collections.abc import Sequence

import numpy as np
import pytest

from filial.core import Metric
from filial.stats import drifted

LOSS, ACCURACY = Metric("loss", direction="min"), Metric("accuracy", direction="max")
GOOD = (2.40, 2.42, 2.41, 2.43)


def test_a_time_bomb_is_found() -> None:
    """It trains well as a challenger and badly as the incumbent."""
    bad = (2.80, 2.83, 2.79, 2.81)
    assert drifted(GOOD, bad, LOSS)
    assert not drifted(bad, GOOD, LOSS)
    assert drifted(bad, GOOD, ACCURACY)
    assert not drifted(GOOD, GOOD[::-1], LOSS)


@pytest.mark.parametrize("metric", [LOSS, ACCURACY])
def test_three_values_of_each_are_the_least(metric: Metric) -> None:
    for before, after in ((GOOD[:2], (9.0, 9.1, 9.2)), (GOOD, (9.0, 9.1)), ((), GOOD)):
        assert not drifted(before, after, metric)
        assert not drifted(after, before, metric)


def test_one_bad_seed_is_no_bomb() -> None:
    """Baseline seeds look like 2.78, 2.80, 2.82 and, once in a while, 3.24."""
    assert not drifted((2.78, 2.80, 2.82), (2.79, 3.24, 2.81, 2.80), LOSS)
    assert not drifted((2.79, 2.801, 2.80), (3.24, 3.22, 2.80), LOSS)


def test_values_that_never_vary_need_enough_of_them() -> None:
    """Three worse after three equal ones happen by chance, once in twenty."""
    assert not drifted((1.0,) * 3, (0.99,) * 3, ACCURACY)
    assert not drifted((1.0,) * 5, (0.99,) * 5, ACCURACY)  # 1 / 252
    assert drifted((1.0,) * 7, (0.99,) * 7, ACCURACY)  # 1 / 3432
    assert not drifted((0.99,) * 7, (1.0,) * 7, ACCURACY)
    assert not drifted((1.0,) * 9, (1.0,) * 9, ACCURACY)


def share_of_alarms(n: int, m: int, drop: float, n_runs: int) -> float:
    rng = np.random.default_rng((n, m))

    def draw(size: int, mean: float) -> Sequence[float]:
        return (mean + rng.standard_normal(size)).tolist()  # type: ignore[no-any-return]

    return sum(drifted(draw(n, 0), draw(m, drop), LOSS) for _ in range(n_runs)) / n_runs


@pytest.mark.parametrize(("n", "m"), [(3, 3), (3, 10), (5, 20), (10, 10)])
def test_honest_incumbents_raise_no_alarm(n: int, m: int) -> None:
    assert share_of_alarms(n, m, drop=0.0, n_runs=4000) <= 0.003


@pytest.mark.parametrize(("n", "m", "power"), [(4, 10, 0.6), (5, 20, 0.8), (10, 10, 0.9)])
def test_a_drop_of_four_sigma_is_found(n: int, m: int, power: float) -> None:
    assert share_of_alarms(n, m, drop=4.0, n_runs=500) >= power
