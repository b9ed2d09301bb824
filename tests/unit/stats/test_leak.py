import math
from itertools import product

import numpy as np
import pytest

from filial.stats import leak_bound, looks_allowed


@pytest.mark.parametrize(
    ("n_items", "bounds"),
    [(500, (0.126, 0.232, 0.419)), (2000, (0.056, 0.097, 0.164)), (10_000, (0.023, 0.038, 0.062))],
)
def test_what_a_panel_leaks(n_items: int, bounds: tuple[float, ...]) -> None:
    """5 promotions in 100 confirmations, 10 and 30 in 1000; a tenth of the items discordant."""
    for (n_looks, n_releases), expected in zip(
        ((100, 5), (1000, 10), (1000, 30)), bounds, strict=True
    ):
        actual = leak_bound(n_items, n_looks, n_releases, variance=0.1)
        assert actual == pytest.approx(expected, abs=0.0006)


def test_without_a_release_it_is_one_comparison() -> None:
    """L = ln 20 = 2.9957: ``sqrt(2 * 0.1 * L / 500) + 2 L / 1500`` = 0.03462 + 0.00399."""
    for n_looks in (0, 1, 1000):
        assert leak_bound(500, n_looks, 0, variance=0.1) == pytest.approx(0.03861, abs=1e-5)


def test_releases_count_transcripts() -> None:
    """One yes in ten looks: ``e 10`` transcripts; ten in ten: ``2^10``, less than ``e^10``."""

    def log_transcripts(n_looks: int, n_releases: int) -> float:
        # Without variance, 2 span (ln(transcripts) + ln(1 / delta)) / (3 n) is left.
        return leak_bound(2, n_looks, n_releases, variance=0.0, span=3.0, delta=1.0)

    assert log_transcripts(10, 1) == pytest.approx(math.log(math.e * 10))
    assert log_transcripts(10, 10) == pytest.approx(10 * math.log(2))
    for n_looks in range(1, 10):
        answers = [sum(bits) for bits in product((0, 1), repeat=n_looks)]
        for n_releases in range(n_looks + 1):
            n_transcripts = sum(n <= n_releases for n in answers)
            assert log_transcripts(n_looks, n_releases) >= math.log(n_transcripts) - 1e-12


def test_units_do_not_matter() -> None:
    one = leak_bound(300, 40, 4, variance=0.2, span=1.5)
    assert leak_bound(300, 40, 4, variance=20.0, span=15.0) == pytest.approx(10 * one)


@pytest.mark.parametrize(
    ("counts", "sizes"),
    [
        ((0, 1, 1), (0.1, 1.0)),
        ((10, 1, 2), (0.1, 1.0)),
        ((10, 1, -1), (0.1, 1.0)),
        ((10, 1, 1), (-0.1, 1.0)),
        ((10, 1, 1), (math.nan, 1.0)),
        ((10, 1, 1), (0.1, -1.0)),
    ],
)
def test_impossible_panels_are_refused(
    counts: tuple[int, int, int], sizes: tuple[float, float]
) -> None:
    with pytest.raises(ValueError, match="no such panel"):
        leak_bound(*counts, variance=sizes[0], span=sizes[1])


@pytest.mark.parametrize("largest", [0.06, 0.1, 0.35])
@pytest.mark.parametrize(("variance", "span"), [(0.1, 1.0), (0.02, 0.5)])
def test_one_look_more_is_too_much(largest: float, variance: float, span: float) -> None:
    n = looks_allowed(1000, variance=variance, span=span, largest=largest)
    assert n > 0
    assert leak_bound(1000, n, n, variance=variance, span=span) <= largest
    assert leak_bound(1000, n + 1, n + 1, variance=variance, span=span) > largest


def test_a_small_panel_bears_no_look() -> None:
    assert looks_allowed(100, variance=0.1, largest=0.01) == 0
    assert looks_allowed(100, variance=0.1, largest=-1.0) == 0
    # It can be judged once if nobody learns the answer, but not with a bit released.
    unseen = leak_bound(500, 1, 0, variance=0.1)
    assert looks_allowed(500, variance=0.1, largest=unseen + 1e-6) == 0
    with pytest.raises(ValueError, match="span"):
        looks_allowed(100, variance=0.1, span=0.0, largest=0.1)


def test_a_climber_on_one_bit_a_look_stays_within_the_bound() -> None:
    """It keeps a change of a few answers if the panel says it is better; there is no true gain."""
    rng = np.random.default_rng(0)
    n_items, n_looks, n_runs = 400, 60, 200
    gains = []
    for _ in range(n_runs):
        truth = rng.integers(0, 2, n_items)
        answers = first = rng.integers(0, 2, n_items)
        for _ in range(n_looks):
            flips = rng.random(n_items) < 0.1
            changed = np.where(flips, 1 - answers, answers)
            if (changed == truth).sum() > (answers == truth).sum():
                answers = changed
        gains.append((answers == truth).mean() - (first == truth).mean())
    bound = leak_bound(n_items, n_looks, n_looks, variance=0.5)
    assert np.mean(gains) > 0.25 * bound  # it does climb
    assert np.mean(np.array(gains) > bound) <= 0.05
