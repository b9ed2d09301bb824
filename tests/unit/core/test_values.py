"""Values that refuse to be wrong."""

import math

import pytest

from filial.core import (
    Budget,
    Failure,
    FailureKind,
    GuardCheck,
    Measurement,
    Metric,
    Seeds,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialSpec,
)

SPEC = TrialSpec(candidate="a", split=Split.DEV, build_seed=1, exam_seed=2, label="dev/0")
FOUND = Measurement(metric="accuracy", value=0.5)
FAILED = Failure(kind=FailureKind.CRASH)


def test_spend_adds_up() -> None:
    one = Spend(wall_s=1.0, cpu_s=2.0, tokens=3, trials=1)
    two = Spend(cpu_s=0.5, usd=0.25, trials=2, sealed_looks=1)
    assert one + two == Spend(wall_s=1.0, cpu_s=2.5, tokens=3, usd=0.25, trials=3, sealed_looks=1)
    assert one + Spend() == one


@pytest.mark.parametrize(
    ("spend", "reached"),
    [
        (Spend(), None),
        (Spend(wall_s=9.9, trials=4), None),
        (Spend(wall_s=10.0), "wall_s"),
        (Spend(trials=5), "trials"),
        (Spend(wall_s=11.0, trials=6), "wall_s"),
        (Spend(cpu_s=1e9, usd=1e9), None),
    ],
)
def test_a_ceiling_is_reached_when_it_is_met(spend: Spend, reached: str | None) -> None:
    assert Budget(wall_s=10.0, trials=5).exhausted_by(spend) == reached


@pytest.mark.parametrize(
    ("budget", "used"),
    [
        (Budget(), 0.0),
        (Budget(wall_s=10.0), 0.2),
        (Budget(wall_s=10.0, trials=4), 0.25),
        (Budget(cpu_s=100.0, trials=2), 0.5),
        (Budget(usd=0.0), 1.0),
    ],
)
def test_the_largest_share_of_a_ceiling_counts(budget: Budget, used: float) -> None:
    assert budget.used(Spend(wall_s=2.0, cpu_s=3.0, trials=1)) == used


def test_what_is_left_below_each_ceiling() -> None:
    budget = Budget(wall_s=10.0, trials=4, usd=1.0)
    spend = Spend(wall_s=2.5, cpu_s=3.0, trials=9, tokens=7)
    assert budget.left(spend) == Budget(wall_s=7.5, trials=0, usd=1.0)
    assert budget.left(Spend()) == budget
    assert Budget().left(spend) == Budget()


def test_a_gain_is_positive_in_the_better_direction() -> None:
    assert Metric("accuracy").gain(0.5, 0.75) == 0.25
    assert Metric("loss", direction="min").gain(0.5, 0.75) == -0.25


def test_a_metric_needs_a_name() -> None:
    with pytest.raises(ValueError, match=r"^a metric needs a name$"):
        Metric("")


def test_a_metric_has_one_of_two_directions() -> None:
    with pytest.raises(ValueError, match="direction is 'up'; use 'min' or 'max'"):
        Metric("m", direction="up")  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("field", ["smallest_effect", "tolerance"])
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf])
def test_a_metrics_amounts_are_finite_and_not_negative(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"'m': {field} is {value}; use a finite number >= 0"):
        Metric("m", **{field: value})  # type: ignore[arg-type]  # a field at a time


def test_a_metric_has_no_range_unless_it_says_so() -> None:
    plain = Metric("m")
    assert (plain.lowest, plain.highest) == (-math.inf, math.inf)
    share = Metric("m", lowest=0.0, highest=1.0)
    assert (share.lowest, share.highest) == (0.0, 1.0)
    assert Metric("m", lowest=0.0).highest == math.inf


@pytest.mark.parametrize(
    ("lowest", "highest"),
    [(1.0, 0.0), (0.5, 0.5), (math.nan, 1.0), (0.0, math.nan), (math.inf, math.inf)],
)
def test_the_least_score_is_less_than_the_most(lowest: float, highest: float) -> None:
    words = f"'m': lowest is {lowest}, highest {highest}; lowest must be less"
    with pytest.raises(ValueError, match=words):
        Metric("m", lowest=lowest, highest=highest)


@pytest.mark.parametrize(
    ("value", "items"),
    [(math.nan, ()), (math.inf, ()), (0.5, (0.5, math.nan)), (0.5, (-math.inf,))],
)
def test_a_measurement_is_finite_or_does_not_exist(value: float, items: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="a measurement of 'm' must be finite"):
        Measurement(metric="m", value=value, items=items)


def test_a_trial_has_measurements_or_a_failure() -> None:
    assert Trial(spec=SPEC, level="L3", measurements=(FOUND,))["accuracy"] is FOUND
    assert Trial(spec=SPEC, level="L3", failure=FAILED).measurements == ()
    with pytest.raises(ValueError, match="either measurements or a failure"):
        Trial(spec=SPEC, level="L3")
    with pytest.raises(ValueError, match="either measurements or a failure"):
        Trial(spec=SPEC, level="L3", measurements=(FOUND,), failure=FAILED)


def test_a_metric_that_was_not_measured() -> None:
    two = (FOUND, Measurement(metric="speed", value=2.0))
    trial = Trial(spec=SPEC, level="L3", measurements=two)
    assert trial["speed"].value == 2.0
    with pytest.raises(KeyError, match="memory"):
        trial["memory"]


@pytest.mark.parametrize("kind", list(FailureKind))
def test_who_is_to_blame(kind: FailureKind) -> None:
    assert Failure(kind=kind).blames_candidate == (kind not in {"host", "model", "model_busy"})


def test_a_failure_in_words() -> None:
    assert str(Failure(kind=FailureKind.CPU)) == "cpu"
    assert str(Failure(kind=FailureKind.CPU, detail="20 s")) == "cpu: 20 s"


def test_a_guard_holds_within_its_tolerance() -> None:
    assert GuardCheck(metric="m", harm=0.5, tolerance=0.5).holds
    assert not GuardCheck(metric="m", harm=0.51, tolerance=0.5).holds
    assert GuardCheck(metric="m", harm=0.5, tolerance=0.5, since_f0=0.5).holds
    assert not GuardCheck(metric="m", harm=-1.0, tolerance=0.5, since_f0=0.51).holds


def test_what_changed_since_a_study_was_opened() -> None:
    def opened(goal: str, exam: str) -> StudyOpened:
        return StudyOpened(
            name="s", goal=goal, version="1", config="c", exam=exam, data="", secret="", policy=""
        )

    assert opened("g", "e").changed_from(opened("g", "e")) == ()
    assert opened("h", "f").changed_from(opened("g", "e")) == ("goal", "exam")


def test_seeds_are_the_hmac_of_their_names() -> None:
    """Worked with ``openssl dgst -sha256 -mac HMAC``: the first 8 bytes, one bit less."""
    seeds = Seeds(b"k" * 16)
    assert seeds.of("exam", "dev", 0) == 0xF4B1F99200E0AD82 >> 1
    assert seeds.of("exam", "dev", 0) == Seeds(b"k" * 16).of("exam", "dev", "0")
    assert seeds.commitment == Seeds(b"k" * 16).commitment != Seeds(b"l" * 16).commitment


def test_seeds_differ_by_name_and_secret() -> None:
    names: list[tuple[str | int, ...]] = [
        (family, k) for family in ("dev", "confirm/a", "confirm/b") for k in range(100)
    ]
    names += [("ab", "c"), ("a", "bc"), ("abc",), ("a", "b", "c")]
    drawn = {Seeds(secret * 16).of(*name) for secret in (b"k", b"l") for name in names}
    assert len(drawn) == 2 * len(names)
    assert all(0 <= seed < 2**63 for seed in drawn)


def test_a_secret_is_long_enough() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        Seeds(b"k" * 15)
