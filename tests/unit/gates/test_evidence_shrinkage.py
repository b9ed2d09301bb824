"""The published estimate of a confirmed gain."""

import pytest

from filial.core import Metric, Noise
from filial.gates import Rule
from filial.gates.evidence import compare

METRIC = Metric("accuracy")
NOISE = Noise(sigma=0.1, n_values=7)


def test_a_moderate_gain_is_shrunk_by_the_default_prior() -> None:
    found = compare(METRIC, (0.1, 0.2, 0.15), NOISE, Rule())
    assert found is not None
    assert 0.85 * 0.15 < found.estimate < 0.95 * 0.15


@pytest.mark.parametrize("gain", [1.0, 2.0, 5.0])
def test_a_large_gain_stays_inside_its_interval(gain: float) -> None:
    found = compare(METRIC, (gain - 0.01, gain, gain + 0.01), NOISE, Rule())
    assert found is not None
    assert found.lower < found.estimate < gain
