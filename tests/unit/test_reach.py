"""Advice must hold in the next study, not only for the luck of this one's A/A trials."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from filial import forecast
from filial.core import Judged, Noise
from filial.forecast import POWER, Forecast
from filial.gates import Rule
from filial.reach import _Outlook, _rounded_up
from filial.reports.instruments.noise import sigma_interval

N_VALUES = 12
GAIN = 1.4  # of a sigma of 1


@pytest.fixture(autouse=True)
def _few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulations are tested elsewhere."""
    monkeypatch.setattr(forecast, "_N_ROWS", 50)
    monkeypatch.setattr(forecast, "_LEAST_ROWS", 50)


def outlook(sigma: float, rule: Rule | None = None) -> _Outlook:
    simulated = Forecast(
        rule=rule or Rule(),
        judged=Judged.RECIPE,
        sigma=sigma,
        n_values=N_VALUES,
        alpha=1 / 2000,
        smallest=GAIN,
    )
    return _Outlook(forecast=simulated, survivors=0.0)


def measured() -> Iterator[float]:
    """The sigma that A/A trials find in one study after another."""
    rng = np.random.default_rng(0)
    while True:
        yield math.sqrt(2) * float(rng.normal(0.0, math.sqrt(0.5), N_VALUES).std(ddof=1))


@pytest.mark.slow
def test_advice_on_pairs_holds_when_the_noise_is_drawn_anew() -> None:
    """One study is planned and takes the advice; another of its kind is planned with it."""
    sigmas = measured()
    n_safe = n_held = 0
    for _ in range(40):
        first, second = next(sigmas), next(sigmas)
        worst = sigma_interval(Noise(sigma=first, n_values=N_VALUES))[1]
        found = outlook(first).patience(GAIN, worst)
        if found is not None and found.proven_at_worst >= POWER:
            n_safe += 1
            followed = outlook(second, Rule(max_pairs=found.max_pairs))
            n_held += followed.chances(GAIN).proven >= POWER
    assert n_safe >= 20
    assert n_held >= 0.9 * n_safe  # what is enough at the measured sigma holds in half of them


def test_advice_that_cannot_be_safe_is_the_best_for_the_measured_noise() -> None:
    found = outlook(2.0).patience(GAIN, worst=10.0)
    assert found is not None
    assert found.proven >= POWER
    assert found.proven_at_worst < POWER / 2


def test_no_advice_where_there_are_pairs_enough_or_never_enough() -> None:
    assert outlook(0.5).patience(GAIN, worst=2.0) is None
    assert outlook(10.0).patience(GAIN, worst=20.0) is None


def test_a_screen_that_rejects_only_losses_is_no_obstacle() -> None:
    assert outlook(1.0).unscreened(GAIN) is not None
    assert outlook(1.0, Rule(screen_sigmas=0.0)).unscreened(GAIN) is None
    assert outlook(0.5).unscreened(GAIN) is None


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.02801, 0.029), (0.028, 0.028), (1.0, 1.0), (9.91, 10.0), (1234.0, 1300.0), (1e-7, 1e-7)],
)
def test_two_digits_and_no_less(value: float, rounded: float) -> None:
    assert _rounded_up(value) == pytest.approx(rounded, rel=1e-12)
