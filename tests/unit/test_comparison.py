"""Two generations on the sealed split: what is run, what it says, and how often one may look."""

from collections.abc import Sequence

import pytest

from filial.comparison import check_panel, conclude, sealed_specs
from filial.core import (
    Audited,
    Failure,
    FailureKind,
    Generation,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Seeds,
    Split,
    Trial,
)
from filial.errors import StudyError
from filial.schedule import Schedule

F0, F2 = (Generation(number=n, candidate=f"{n}" * 40, commit="") for n in (0, 2))
SIDES = (F0, F2)
ACCURACY = Metric("accuracy", unit="share", smallest_effect=0.02)
SCHEDULE = Schedule(Seeds(b"s" * 32), Judged.RECIPE)


def trials(values: Sequence[float], items: Sequence[Sequence[float]] | None = None) -> list[Trial]:
    """Trials of both sides in turn, with these values."""
    specs = sealed_specs(SCHEDULE, SIDES, range(len(values) // 2), 0)
    columns = items or [()] * len(values)
    return [
        Trial(
            spec=spec,
            level="L3",
            measurements=(Measurement(metric="accuracy", value=value, items=tuple(column)),),
        )
        for spec, value, column in zip(specs, values, columns, strict=True)
    ]


def test_both_sides_of_each_seed_one_after_the_other() -> None:
    specs = sealed_specs(SCHEDULE, SIDES, range(3, 5), 8)
    assert [(spec.candidate, spec.label) for spec in specs] == [
        (F0.candidate, "sealed/8/3"),
        (F2.candidate, "sealed/8/3"),
        (F0.candidate, "sealed/8/4"),
        (F2.candidate, "sealed/8/4"),
    ]
    assert {spec.split for spec in specs} == {Split.SEALED}
    assert (specs[0].build_seed, specs[0].exam_seed) == (specs[1].build_seed, specs[1].exam_seed)


def test_gains_are_paired_and_their_mean_has_an_interval() -> None:
    found = conclude(ACCURACY, SIDES, trials([0.5, 0.6, 0.4, 0.6, 0.3, 0.6]))
    assert found.differences == pytest.approx((0.1, 0.2, 0.3))
    assert (found.before, found.after, found.split) == (F0, F2, "sealed")
    # Student's t with 2 degrees of freedom: 4.3027 standard errors of 0.1 / sqrt(3).
    assert (found.lower, found.upper) == pytest.approx((0.2 - 0.24841, 0.2 + 0.24841), abs=1e-5)
    assert found.item_variance == 0.0


def test_less_may_be_better() -> None:
    loss = Metric("accuracy", direction="min")
    found = conclude(loss, SIDES, trials([0.5, 0.6, 0.4, 0.2]))
    assert found.differences == pytest.approx((-0.1, 0.2))


def test_the_variance_on_one_item_is_the_mean_over_the_pairs() -> None:
    """Around the mean of each pair: a gain on every item alike is no spread."""
    items = [[0, 0, 1, 1], [1, 0, 1, 1], [0, 1], [1, 0]]
    found = conclude(ACCURACY, SIDES, trials([0.5, 0.75, 0.5, 0.5], items))
    # Differences 1, 0, 0, 0 and 1, -1: squares of 0.75 by 3, and of 2 by 1.
    assert found.item_variance == pytest.approx((0.25 + 2) / 2)
    alike = conclude(ACCURACY, SIDES, trials([0.0, 1.0] * 2, [[0, 0], [1, 1]] * 2))
    assert alike.item_variance == 0.0


@pytest.mark.parametrize("items", [[[1], [0]] * 2, [[1, 0], [1]] * 2, [[], []] * 2])
def test_items_that_do_not_pair_up_have_no_variance(items: list[list[float]]) -> None:
    found = conclude(ACCURACY, SIDES, trials([0.5] * 4, items))
    assert found.item_variance == 0.0


def after(n_looks: int, item_variance: float = 0.1, sigma: float | None = None) -> History:
    audit = Audited(
        before=F0,
        after=F2,
        split="sealed",
        differences=(0.1, 0.1),
        lower=0.1,
        upper=0.1,
        item_variance=item_variance,
    )
    noise = None if sigma is None else Noise(sigma=sigma, n_values=8)
    return History(audits=[audit] * n_looks, noise=noise)


def test_what_is_drawn_without_end_never_wears_out() -> None:
    check_panel(ACCURACY, after(10_000), 0)


def test_nobody_has_looked_yet() -> None:
    check_panel(ACCURACY, after(0), 10)


# The bound after L looks: sqrt(2 * 0.1 * (L ln 2 + ln 20) / n), at most half of 0.02.
@pytest.mark.parametrize(("n_items", "n_allowed"), [(10_000, 2), (20_000, 10), (100_000, 67)])
def test_a_panel_is_used_up_after_so_many_looks(n_items: int, n_allowed: int) -> None:
    check_panel(ACCURACY, after(n_allowed - 1), n_items)
    with pytest.raises(StudyError, match=f"panel of {n_items} items is used up"):
        check_panel(ACCURACY, after(n_allowed), n_items)


def test_what_a_used_up_panel_says() -> None:
    with pytest.raises(StudyError) as caught:
        check_panel(ACCURACY, after(3), 1000)
    assert str(caught.value) == (
        "the sealed panel of 1000 items is used up: what one more look could have leaked, "
        "0.034 share, is more than half the smallest effect; give the exam new sealed items, in "
        "a new study"
    )


def test_the_smallest_effect_may_be_a_quarter_of_the_noise() -> None:
    plain = Metric("accuracy")
    check_panel(plain, after(3, sigma=1.0), 1000)
    with pytest.raises(StudyError, match="used up"):
        check_panel(plain, after(3, sigma=0.1), 1000)
    check_panel(plain, after(3), 1000)  # nothing says what would be small


def test_the_noisiest_look_counts() -> None:
    calm = after(1, item_variance=1e-6)
    check_panel(ACCURACY, calm, 1000)
    calm.audits += after(1).audits
    with pytest.raises(StudyError, match=r"used up: .* 0\.0319 share"):
        check_panel(ACCURACY, calm, 1000)


def test_a_failed_trial_has_no_value() -> None:
    made = trials([0.5, 0.6, 0.5, 0.6])
    crash = Failure(kind=FailureKind.CRASH)
    made[2] = Trial(spec=made[2].spec, level="L3", failure=crash)
    with pytest.raises(KeyError):
        conclude(ACCURACY, SIDES, made)
