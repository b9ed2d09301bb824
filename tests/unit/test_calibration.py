"""How many A/A trials a study can afford, and what they say."""

import math

import pytest

from filial.calibration import MAX_TRIALS, Calibration
from filial.core import (
    Budget,
    Calibrated,
    Failure,
    FailureKind,
    Judged,
    Measurement,
    Metric,
    Noise,
    Spend,
    Split,
    Trial,
    TrialSpec,
)
from filial.errors import CodeError
from filial.gates import for_judged


def calibration(
    budget: Budget, side_by_side: int = 1, judged: Judged = Judged.RECIPE
) -> Calibration:
    return Calibration(
        budget=budget,
        side_by_side=side_by_side,
        judged=judged,
        primary=Metric("m"),
        gate=for_judged(judged),
    )


def trial(k: int, value: float | None) -> Trial:
    spec = TrialSpec(candidate="f0", split=Split.DEV, build_seed=k, exam_seed=k, label=f"dev/{k}")
    spend = Spend(wall_s=10.0, cpu_s=20.0)
    if value is None:
        failure = Failure(kind=FailureKind.CRASH, detail=f"the {k}th")
        return Trial(spec=spec, level="L3", failure=failure, spend=spend)
    found = (Measurement(metric="m", value=value),)
    return Trial(spec=spec, level="L3", measurements=found, spend=spend)


@pytest.mark.parametrize(
    ("budget", "side_by_side", "n_trials"),
    [
        (Budget(), 1, MAX_TRIALS),
        (Budget(wall_s=1000.0), 1, 10),  # a tenth of it is 100 s, ten trials of 10 s
        (Budget(wall_s=1000.0), 2, 20),
        (Budget(cpu_s=1000.0), 1, 5),
        (Budget(cpu_s=1000.0), 2, 5),  # CPU time does not run side by side
        (Budget(wall_s=1000.0, cpu_s=1000.0), 1, 5),
        (Budget(trials=80), 1, 8),
        (Budget(candidates=60), 1, 6),
        (Budget(trials=3), 1, 1),  # the first one has been run already
        (Budget(wall_s=1e9), 1, MAX_TRIALS),
    ],
)
def test_a_tenth_of_the_budget(budget: Budget, side_by_side: int, n_trials: int) -> None:
    assert calibration(budget, side_by_side).plan(trial(0, 1.0)).n_trials == n_trials


def test_what_is_exact_has_no_noise_to_measure() -> None:
    exact = calibration(Budget(), judged=Judged.CONSTRUCTION)
    assert exact.plan(trial(0, 1.0)).n_trials == 1
    assert exact.conclude([trial(0, 1.0)]) == Calibrated(
        noise=Noise(sigma=0.0, n_values=0), screen_k=0
    )


@pytest.mark.parametrize(
    ("values", "screen_k"),
    [
        ([5.0], 0),
        ([5.0, 1.0, 3.0], 2),
        ([4.0, 1.0, 3.0, 2.0], 3),
        ([None, 9.0, None, 1.0, 5.0], 4),
        ([2.0, 2.0, 2.0], 1),
    ],
)
def test_candidates_are_screened_on_the_median_seed(
    values: list[float | None], screen_k: int
) -> None:
    trials = [trial(k, value) for k, value in enumerate(values)]
    concluded = calibration(Budget()).conclude(trials)
    assert concluded.screen_k == screen_k
    assert concluded.noise.n_values == sum(value is not None for value in values)


def test_a_new_generation_gets_seeds_of_its_own() -> None:
    made = calibration(Budget())
    assert [list(made.fresh_seeds(g)) for g in (1, 2)] == [[40, 41, 42], [43, 44, 45]]
    assert MAX_TRIALS == 40
    exact = calibration(Budget(), judged=Judged.CONSTRUCTION)
    assert [list(exact.fresh_seeds(g)) for g in (1, 2)] == [[40], [41]]


@pytest.mark.parametrize(
    ("values", "screen_k"),
    [([5.0, 1.0, 3.0], 45), ([None, 9.0, 1.0], 45), ([None, 9.0, None], 44), ([None] * 3, 7)],
)
def test_a_new_generation_is_screened_on_its_median_seed(
    values: list[float | None], screen_k: int
) -> None:
    noise = Noise(sigma=0.5, n_values=6)
    trials = [trial(43 + k, value) for k, value in enumerate(values)]
    renewed = calibration(Budget()).renew(2, noise, trials, before=7)
    assert renewed == Calibrated(noise=noise, screen_k=screen_k, generation=2)


def test_the_noise_of_a_difference() -> None:
    concluded = calibration(Budget()).conclude([trial(0, 1.0), trial(1, 2.0), trial(2, 3.0)])
    assert concluded.noise.sigma == pytest.approx(math.sqrt(2))


def test_code_that_always_fails_is_no_ground_to_stand_on() -> None:
    with pytest.raises(CodeError) as caught:
        calibration(Budget()).conclude([trial(0, None), trial(1, None)])
    assert str(caught.value) == "the initial code failed every A/A trial: crash: the 1th"
