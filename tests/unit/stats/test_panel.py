"""How long a sealed panel can be believed: what one more look lets out, by hand."""

import math

import pytest

from filial.core import Audited, Generation, History, Metric, Noise, Split
from filial.stats import panel_allowance, panel_bound

F0, F1 = (Generation(number=n, candidate=f"{n}" * 40, commit="") for n in (0, 1))


def looked(*item_variances: float, split: Split = Split.SEALED) -> History:
    """A study that compared F0 and F1 so often."""
    audits = [
        Audited(
            before=F0,
            after=F1,
            split=str(split),
            differences=(0.1, 0.1),
            lower=0.1,
            upper=0.1,
            item_variance=variance,
        )
        for variance in item_variances
    ]
    return History(audits=audits)


def test_each_look_and_one_more_lets_out_a_bit() -> None:
    """Two looks: ``sqrt(2 * 0.1 * (3 ln 2 + ln 20) / 1000)``."""
    expected = math.sqrt(0.2 * (3 * math.log(2) + math.log(20)) / 1000)
    assert panel_bound(looked(0.1, 0.1), 1000) == pytest.approx(expected)


def test_the_noisiest_look_counts() -> None:
    assert panel_bound(looked(0.1, 0.4, 0.2), 50) == panel_bound(looked(0.4, 0.4, 0.4), 50)


def test_more_items_say_less_and_more_looks_more() -> None:
    few, many = panel_bound(looked(0.1), 100), panel_bound(looked(0.1), 400)
    assert few is not None
    assert many is not None
    assert few == pytest.approx(2 * many)
    later = panel_bound(looked(*[0.1] * 30), 100)
    assert later is not None
    assert later > few


@pytest.mark.parametrize(
    ("history", "n_items"),
    [
        (History(), 100),  # nobody has looked
        (looked(0.1, split=Split.CONFIRM), 100),  # not there
        (looked(0.1), 0),  # items without end
    ],
)
def test_without_looks_or_end_there_is_no_bound(history: History, n_items: int) -> None:
    assert panel_bound(history, n_items) is None


def test_looks_on_other_splits_do_not_count() -> None:
    history = looked(0.1)
    history.audits += looked(9.0, 9.0, split=Split.CONFIRM).audits
    assert panel_bound(history, 100) == panel_bound(looked(0.1), 100)


def test_a_spread_that_nobody_recorded_counts_as_none() -> None:
    assert panel_bound(looked(0.0), 100) == 0.0


@pytest.mark.parametrize(
    ("declared", "noise", "allowed"),
    [
        (0.02, None, 0.01),
        (0.02, Noise(sigma=5.0, n_values=8), 0.01),  # what is declared counts
        (0.0, Noise(sigma=0.4, n_values=8), 0.05),  # an eighth of sigma
        (0.0, Noise(sigma=0.0, n_values=1), None),
        (0.0, None, None),
    ],
)
def test_half_the_smallest_effect_may_be_let_out(
    declared: float, noise: Noise | None, allowed: float | None
) -> None:
    metric = Metric("accuracy", unit="share", smallest_effect=declared)
    assert panel_allowance(metric, History(noise=noise)) == allowed
