"""How many A/A trials a study can afford, and what they say."""

import math
from collections.abc import Sequence

import pytest

from filial.calibration import MAX_TRIALS, Calibration
from filial.core import (
    Arm,
    Budget,
    Calibrated,
    Candidate,
    Failure,
    FailureKind,
    Generation,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Promoted,
    Spend,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.drafting import introduce
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


def trial(k: int, value: float | None, candidate: str = "f0") -> Trial:
    spec = TrialSpec(
        candidate=candidate, split=Split.DEV, build_seed=k, exam_seed=k, label=f"dev/{k}"
    )
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
    assert [list(made.fresh_seeds(g)) for g in (1, 2)] == [[40, 41, 42, 43], [44, 45, 46, 47]]
    assert MAX_TRIALS == 40
    exact = calibration(Budget(), judged=Judged.CONSTRUCTION)
    assert [list(exact.fresh_seeds(g)) for g in (1, 2)] == [[40], [41]]


def after(
    *generations: Sequence[float | None], judged: Judged = Judged.RECIPE
) -> tuple[Calibration, History]:
    """The state of a study whose generations were calibrated on these values, in turn."""
    made, history = calibration(Budget(), judged=judged), History()
    for number, values in enumerate(generations):
        name = f"f{number}"
        candidate = Candidate(
            id=name, index=number - 1, parent="", proposer="p", arm=Arm.TREATMENT, hypothesis=""
        )
        history.apply(introduce(candidate))
        history.apply(
            Promoted(
                generation=Generation(number=number, candidate=name, commit=""), hypothesis=""
            )
        )
        first = made.fresh_seeds(number)[0] if number else 0
        trials = [trial(first + k, value, name) for k, value in enumerate(values)]
        for one in trials:
            history.apply(TrialFinished(trial=one))
        renewed = made.renew(number, trials, history) if number else made.conclude(trials)
        history.apply(renewed)
    return made, history


ROUGH = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]  # sums of squares: 28 with 6 degrees of freedom


@pytest.mark.parametrize(
    ("values", "screen_k"),
    [
        ([5.0, 1.0, 3.0, 4.0], 42),
        ([None, 9.0, 1.0, 7.0], 43),
        ([None, 9.0, None, 1.0], 43),
        ([None, 9.0, None, None], 41),
        ([None] * 4, 3),  # nothing to choose from, so it remains F0's
    ],
)
def test_a_new_generation_is_screened_on_its_median_seed(
    values: list[float | None], screen_k: int
) -> None:
    _, history = after(ROUGH, values)
    assert history.screen_seeds == {0: 3, 1: screen_k}


def test_the_noise_is_that_of_all_generations_each_around_its_own_mean() -> None:
    _, history = after(ROUGH, [100.0, 102.0, 104.0, 106.0], [7.0, 7.0, 1.0, 1.0])
    # Sums of squares of the new ones: 20 and 36, with 3 degrees of freedom each.
    sigmas = [math.sqrt(2 * 28 / 6), math.sqrt(2 * 48 / 9), math.sqrt(2 * 84 / 12)]
    assert [noise.sigma for noise in history.noises.values()] == pytest.approx(sigmas)
    assert [noise.n_values for noise in history.noises.values()] == [7, 10, 13]
    assert list(history.noises) == [0, 1, 2]


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_a_generation_whose_spread_is_another_speaks_for_itself(scale: float) -> None:
    own = [0.0, 1.0 * scale, 2.0 * scale, 3.0 * scale]
    _, history = after(list(map(float, range(20))), own)
    assert history.noises[1].sigma == pytest.approx(math.sqrt(2 * 5 / 3) * scale)
    assert history.noises[1].n_values == 4


def test_a_new_spread_is_the_beginning_of_a_new_noise() -> None:
    """Generations as wild as F1 are pooled with it, and not compared with a calm F0 for ever."""
    wild = [0.0, 1000.0, 2000.0, 3000.0]
    calm = list(map(float, range(20)))
    _, history = after(calm, wild, [5000.0 + value for value in wild], wild)
    assert [noise.n_values for noise in history.noises.values()] == [20, 4, 7, 10]
    for generation in (1, 2, 3):
        assert history.noises[generation].sigma == pytest.approx(math.sqrt(2 * 5 / 3) * 1000)


@pytest.mark.parametrize("values", [[None] * 4, [3.0, None, None, None]])
def test_fewer_than_two_values_say_nothing_about_noise(values: list[float | None]) -> None:
    _, history = after(ROUGH, values)
    assert history.noises[1] == history.noises[0]


def test_the_noise_may_become_known_later() -> None:
    _, history = after([5.0], [1.0, 2.0, 3.0, 4.0])
    assert history.noises[0] == Noise(sigma=0.0, n_values=1)
    assert history.noises[1].sigma == pytest.approx(math.sqrt(2 * 5 / 3))
    assert history.noises[1].n_values == 4


def test_what_is_exact_stays_without_noise() -> None:
    _, history = after([5.0], [7.0], [9.0], judged=Judged.CONSTRUCTION)
    assert set(history.noises.values()) == {Noise(sigma=0.0, n_values=0)}
    assert history.screen_seeds == {0: 0, 1: 40, 2: 41}


def test_the_noise_of_a_difference() -> None:
    concluded = calibration(Budget()).conclude([trial(0, 1.0), trial(1, 2.0), trial(2, 3.0)])
    assert concluded.noise.sigma == pytest.approx(math.sqrt(2))


def test_code_that_always_fails_is_no_ground_to_stand_on() -> None:
    with pytest.raises(CodeError) as caught:
        calibration(Budget()).conclude([trial(0, None), trial(1, None)])
    assert str(caught.value) == "the initial code failed every A/A trial: crash: the 1th"
