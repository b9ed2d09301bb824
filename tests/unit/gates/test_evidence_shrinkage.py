"""The published estimate of a confirmed gain."""

import math

import pytest

from filial.core import Metric, Noise
from filial.gates import Rule
from filial.gates.evidence import compare

METRIC = Metric("accuracy")
NOISE = Noise(sigma=0.1, n_values=7)
RULE = Rule()


def test_a_moderate_gain_is_shrunk_by_the_default_prior() -> None:
    found = compare(METRIC, (0.1, 0.2, 0.15), NOISE, RULE, 0.0)
    assert found is not None
    assert 0.85 * 0.15 < found.estimate < 0.95 * 0.15


@pytest.mark.parametrize("gain", [1.0, 2.0, 5.0])
def test_a_large_gain_stays_inside_its_interval(gain: float) -> None:
    found = compare(METRIC, (gain - 0.01, gain, gain + 0.01), NOISE, RULE, 0.0)
    assert found is not None
    assert found.lower < found.estimate < gain


def test_the_evidence_is_what_was_given() -> None:
    for log_e in (-3.0, 0.0, 7.0):
        found = compare(METRIC, (0.1, 0.2), NOISE, RULE, log_e)
        assert found is not None
        assert found.e_value == pytest.approx(math.exp(log_e))


def test_evidence_beyond_all_floats_stays_finite() -> None:
    found = compare(METRIC, (0.1, 0.2), NOISE, RULE, 1e6)
    assert found is not None
    assert math.isfinite(found.e_value)


def test_without_a_spread_there_is_no_comparison() -> None:
    unknown = Noise(sigma=0.0, n_values=0)
    assert compare(METRIC, (), NOISE, RULE, 0.0) is None
    assert compare(METRIC, (0.1,), unknown, RULE, 0.0) is None
    assert compare(METRIC, (0.1, 0.2), unknown, RULE, 0.0) is not None
