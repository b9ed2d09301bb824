"""The A/A noise: unknown is not zero, and what drifts is noticed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from made_up import a_history, a_subject

from filial.core import (
    Calibrated,
    Judged,
    Measurement,
    Noise,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.reports import State
from filial.reports.check import Subject
from filial.reports.instruments import noise
from filial.reports.instruments.noise import _ALPHA, _blocks, _each, read, sigma_interval
from filial.reports.numbers import Scale
from filial.reports.remarks import sigma_text
from filial.stats import has_trend

history = pytest.fixture(a_history)
subject = pytest.fixture(a_subject)


def with_noise(subject: Subject, sigma: float, n_values: int, generation: int = 0) -> Subject:
    found = Noise(sigma=sigma, n_values=n_values)
    subject.history.apply(Calibrated(noise=found, screen_k=0, generation=generation))
    return subject


def test_interval_of_sigma_is_the_chi_square_one() -> None:
    # Nine degrees of freedom: chi-square quantiles 2.7004 and 19.0228.
    lower, upper = sigma_interval(Noise(sigma=2.0, n_values=10))
    assert lower == pytest.approx(2.0 * (9 / 19.0228) ** 0.5, rel=1e-4)
    assert upper == pytest.approx(2.0 * (9 / 2.7004) ** 0.5, rel=1e-4)


def test_interval_covers_sigma_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    sds = rng.normal(size=(4000, 6)).std(axis=1, ddof=1)
    ends = [sigma_interval(Noise(sigma=float(sd), n_values=6)) for sd in sds]
    assert np.mean([low <= 1 <= high for low, high in ends]) == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("n_values", [0, 1])
def test_without_two_values_the_noise_is_unknown_not_zero(subject: Subject, n_values: int) -> None:
    found = noise(with_noise(subject, 0.0, n_values))
    assert found.state is State.OPEN
    assert "unknown" in found.text
    assert found.numbers["sigma"] is None
    assert "unknown" in sigma_text(Noise(sigma=0.0, n_values=n_values), subject.scale)


def test_equal_values_bound_how_many_may_differ(subject: Subject) -> None:
    found = noise(with_noise(subject, 0.0, 9))
    # 1 - 0.05^(1/8) = 31.2 %
    assert found.text.startswith("All 9 A/A values are equal: at most 31 % of trials differ.")


def test_few_values_are_not_enough(subject: Subject) -> None:
    assert noise(with_noise(subject, 0.03, 4)).state is State.OPEN
    assert noise(with_noise(subject, 0.03, 5)).state is State.HELD


def test_a_construction_has_no_noise(subject: Subject) -> None:
    exact = replace(subject, terms=replace(subject.terms, judged=Judged.CONSTRUCTION))
    assert noise(with_noise(exact, 0.0, 1)).state is State.HELD


def test_each_generation_shows_what_it_measured_itself(subject: Subject) -> None:
    """Sigma is pooled over generations; what each alone gave is another number."""
    values = [[1.0, 3.0], [5.0, 5.0, 5.0]]
    for number, own in enumerate(values):
        aa_trials(subject, number, own, clear=True)
    for number in range(len(values), len(subject.history.generations)):
        aa_trials(subject, number, [], clear=True)
    found = read(with_noise(subject, 0.05, 12, generation=1))
    # The standard deviation of 1 and 3 is root 2, so that of a difference is 2.
    (first, sd, n), later = found.measured
    assert (first, n, later) == (0, 2, (1, 0.0, 3))
    assert sd == pytest.approx(2.0)
    said = "Each generation alone gave 2.000 (F0, 2 values), 0.000 (F1, 3 values)."
    assert said in noise(subject).text


def test_of_many_generations_only_the_ends_are_shown() -> None:
    measured = tuple((k, 0.1 * (k + 1), 4) for k in range(5))
    scale = Scale(unit="", decimals=1)
    assert _each(measured, scale) == "0.1 (F0, 4 values) to 0.5 (F4, 4 values)"


def test_an_honest_study_shows_no_drift(subject: Subject) -> None:
    assert "Neither spread nor level" in noise(subject).text


@pytest.mark.parametrize("size", [12, 3000])
def test_an_incumbent_whose_values_fall_with_time_fails(subject: Subject, size: int) -> None:
    rng = np.random.default_rng(2)
    falling = tuple((rng.normal(size=size) - np.linspace(0, 9, size)).tolist())
    values = (((), falling), *subject.values[1:])
    found = noise(replace(subject, values=values))
    assert found.state is State.FAILED
    assert "Values of F0 drift" in found.text


def test_honest_levels_rarely_look_like_a_trend() -> None:
    rng = np.random.default_rng(3)
    alarms = sum(
        has_trend(_blocks(rng.standard_t(2, size=500).tolist()), alpha=_ALPHA) for _ in range(300)
    )
    assert alarms <= 3


def spread_over(subject: Subject, number: int, sd: float) -> None:
    """Gives a generation twelve A/A trials that spread by ``sd``."""
    values = sd * np.random.default_rng(number).normal(size=12)
    aa_trials(subject, number, values.tolist())


def aa_trials(
    subject: Subject, number: int, values: Sequence[float], *, clear: bool = False
) -> None:
    """Gives a generation A/A trials with these values, beside those it has or instead of them."""
    name = subject.history.generations[number].candidate
    if clear:
        subject.history.standings[name].trials.clear()
    for k, value in enumerate(values):
        spec = TrialSpec(
            candidate=name, split=Split.DEV, build_seed=k, exam_seed=k, label=f"dev/{100 + k}"
        )
        measured = (Measurement(metric=subject.primary.name, value=value),)
        trial = Trial(spec=spec, level="L3", measurements=measured)
        subject.history.apply(TrialFinished(trial=trial))


def test_spreads_that_differ_fail_unless_each_is_judged_by_its_own(subject: Subject) -> None:
    spread_over(subject, 1, 0.01)
    spread_over(subject, 2, 1.0)
    found = noise(subject)
    assert found.state is State.FAILED
    assert "one sigma was believed for all" in found.text
    found = noise(with_noise(subject, 1.4, 12, generation=2))
    assert found.state is State.HELD
    assert "each is judged by its own" in found.text


def test_the_trial_that_picked_a_generation_and_cut_ones_are_no_aa_trials(
    subject: Subject,
) -> None:
    before = read(subject)
    generation = subject.history.generations[1]
    trials = subject.history.standings[generation.candidate].trials
    picked = trials["dev/0"]
    far = (Measurement(metric=subject.primary.name, value=1e6),)
    for label in ("dev/0", "dev/100@0.3"):
        spec = replace(picked.spec, label=label)
        trials[label] = replace(picked, spec=spec, measurements=far)
    assert read(subject) == before
