"""What proposers may know, as values."""

import pytest

from filial.core import Outcome, Prediction, Tried, coarse


@pytest.mark.parametrize(
    ("value", "sigma", "rounded"),
    [
        (0.123, 0.028, 0.12),  # half a sigma is 0.014, the step 0.02
        (0.029, 0.028, 0.02),
        (0.009, 0.028, 0.0),
        (-0.009, 0.028, 0.0),
        (-0.011, 0.028, -0.02),
        (2.417, 0.028, 2.4),  # two digits are coarser
        (1.0, 0.035, 1.0),
        (0.7, 0.2, 0.7),  # half a sigma is 0.1
        (0.75, 0.3, 0.8),  # 0.15, so steps of 0.2
        (0.123456, 0.0, 0.12),  # an exact metric has no noise
        (123456.0, 0.0, 120000.0),
        (0.0, 0.0, 0.0),
        (1e99, 1e-300, 1e99),
        (5e-324, 0.0, 5e-324),
        (1e99, 1e99, 1e99),
    ],
)
def test_a_gain_is_rounded_to_the_noise_or_to_two_digits(
    value: float, sigma: float, rounded: float
) -> None:
    assert coarse(value, sigma) == pytest.approx(rounded, rel=1e-12)


def test_no_zero_has_a_sign() -> None:
    assert str(coarse(-0.001, 0.028)) == "0.0"


def test_a_surprise_is_the_distance_from_what_was_predicted() -> None:
    stated = Prediction(metric="m", effect=0.5)
    tried = Tried(
        index=0,
        proposer="p",
        hypothesis="h",
        outcome=Outcome.WORSE,
        predicted=stated,
        dev_gain=-0.25,
    )
    assert tried.surprise == 0.75


@pytest.mark.parametrize(("effect", "gain"), [(None, 0.1), (0.1, None)])
def test_without_both_numbers_there_is_no_surprise(
    effect: float | None, gain: float | None
) -> None:
    stated = None if effect is None else Prediction(metric="m", effect=effect)
    tried = Tried(
        index=0,
        proposer="p",
        hypothesis="h",
        outcome=Outcome.NO_GAIN,
        predicted=stated,
        dev_gain=gain,
    )
    assert tried.surprise is None
