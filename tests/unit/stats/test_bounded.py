import math
from fractions import Fraction

import numpy as np
import pytest
from online_fdr.e_values import BettingEProcess
from scipy import integrate
from scipy import stats as reference

from filial.stats import betting_sequence, log_e_betting, log_e_clustered, log_e_discordant

FRACTIONS = [1 / (1 + math.exp(-logit / 2)) for logit in range(-9, 10)]


def test_a_gambler_starts_with_one() -> None:
    assert log_e_betting([], lowest=-1, highest=1) == pytest.approx(0.0, abs=1e-14)
    assert log_e_betting([0.0, 0.0], lowest=-1, highest=1) == pytest.approx(0.0, abs=1e-14)
    assert betting_sequence([], lowest=-2, highest=3) == (-2, 3)


def test_one_win_and_one_loss_worked_by_hand() -> None:
    """Fractions are symmetric around 1/2: their mean is 1/2, so one win pays 3/2."""
    win = log_e_betting([1.0], lowest=-1, highest=1)
    loss = log_e_betting([-1.0], lowest=-1, highest=1)
    assert (math.exp(win), math.exp(loss)) == pytest.approx((1.5, 0.5))
    both = 1 - np.mean(np.square(FRACTIONS))
    assert math.exp(log_e_betting([1.0, -1.0], lowest=-1, highest=1)) == pytest.approx(both)


@pytest.mark.parametrize(("null", "room"), [(0.0, 1.0), (0.5, 1.5), (-0.9, 0.1)])
def test_the_capital_is_the_mean_of_that_of_online_fdr(null: float, room: float) -> None:
    values = [0.3, -0.2, 1.0, 0.0, 0.7, -1.0, 0.4]
    capitals = []
    for fraction in FRACTIONS:
        gambler = BettingEProcess(stake=fraction / room)
        for value in values:
            gambler.update(value - null)
        capitals.append(gambler.current)
    log_e = log_e_betting(values, lowest=-1, highest=1, null=null)
    assert math.exp(log_e) == pytest.approx(np.mean(capitals))


def test_many_wins_and_many_losses_stay_finite() -> None:
    wins = log_e_betting([1.0] * 5000, lowest=-1, highest=1)
    assert 5000 * math.log(1.98) < wins < 5000 * math.log(2)
    losses = log_e_betting([-1.0] * 5000, lowest=-1, highest=1)
    assert -100 < losses < -50  # the smallest bet is 0.011


def test_the_bets_lose_little_to_the_best_one() -> None:
    """For pass/fail with a known chance of winning the best bet is ``2 theta - 1``."""
    n, n_won = 1000, 560
    log_e = log_e_betting([1.0] * n_won + [-1.0] * (n - n_won), lowest=-1, highest=1)
    best = n_won * math.log(1.12) + (n - n_won) * math.log(0.88)
    assert best - 3 < log_e < best


def test_nothing_to_lose_makes_strong_but_finite_evidence() -> None:
    """If the null is the least there can be, one larger value disproves it."""
    log_e = log_e_betting([0.0, 1.0], lowest=0, highest=1, null=0.0)
    assert math.log(1e11) < log_e < math.inf
    assert log_e_betting([0.0, 0.0], lowest=0, highest=1, null=0.0) == pytest.approx(0, abs=1e-14)


def test_units_order_and_leading_axes_do_not_matter() -> None:
    x = np.random.default_rng(0).uniform(-1, 1, (2, 3, 5))
    log_e = log_e_betting(x, lowest=-1, highest=1, null=0.1)
    assert log_e.shape == (2, 3)
    assert log_e[1, 2] == pytest.approx(
        float(log_e_betting(x[1, 2, ::-1] * 1e-200, lowest=-1e-200, highest=1e-200, null=1e-201))
    )


@pytest.mark.parametrize(
    ("values", "limits", "null"),
    [
        ([1.1], (-1.0, 1.0), 0.0),
        ([-1.1], (-1.0, 1.0), 0.0),
        ([math.nan], (-1.0, 1.0), 0.0),
        ([0.5], (-1.0, 1.0), 1.0),
        ([0.5], (-1.0, 1.0), -1.1),
        ([0.5], (-1.0, 1.0), math.nan),
        ([0.5], (0.0, math.inf), 0.1),
        ([0.5], (1.0, 0.0), 0.5),
    ],
)
def test_values_and_nulls_outside_the_limits_are_refused(
    values: list[float], limits: tuple[float, float], null: float
) -> None:
    with pytest.raises(ValueError, match="not in"):
        log_e_betting(values, lowest=limits[0], highest=limits[1], null=null)


def test_the_sequence_is_where_evidence_has_not_reached_two_over_alpha() -> None:
    values = [1.0, 0.0, 0.5, 1.0, 1.0, 0.25, 1.0, 1.0]
    lower, upper = betting_sequence(values, lowest=0, highest=1, alpha=0.1)
    assert 0 < lower < np.mean(values) < upper < 1
    assert log_e_betting(values, lowest=0, highest=1, null=lower) == pytest.approx(math.log(20))
    mirrored = [-value for value in values]
    above = log_e_betting(mirrored, lowest=-1, highest=0, null=-upper)
    assert above == pytest.approx(math.log(20))


def test_the_sequence_mirrors_and_scales() -> None:
    values = [0.2, 0.9, 0.4, 0.8]
    lower, upper = betting_sequence(values, lowest=0, highest=1)
    scaled = betting_sequence([30 - 20 * v for v in values], lowest=10, highest=30)
    assert scaled == pytest.approx((30 - 20 * upper, 30 - 20 * lower))


def test_the_sequence_narrows_to_the_mean() -> None:
    lower, upper = betting_sequence([0.0, 1.0] * 2000, lowest=0, highest=1)
    assert 0.45 < lower < 0.5 < upper < 0.55
    lower, upper = betting_sequence([0.0] * 100, lowest=0, highest=1)
    assert lower == 0
    assert upper < 0.1


@pytest.mark.parametrize("limits", [(1.0, 1.0), (1.0, 0.0), (0.0, math.inf), (math.nan, 1.0)])
def test_limits_that_are_no_interval_are_refused(limits: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="interval"):
        betting_sequence([1.0], lowest=limits[0], highest=limits[1])


def test_a_sequence_of_values_outside_is_refused() -> None:
    with pytest.raises(ValueError, match="not in"):
        betting_sequence([2.0], lowest=0, highest=1)


def exact_log_e(b: int, c: int) -> float:
    """``sum over k <= b of C(n+1, k) / ((n+1) C(n, b))``: the same in whole numbers."""
    n = b + c
    tail = sum(math.comb(n + 1, k) for k in range(b + 1))
    exact = Fraction(tail, (n + 1) * math.comb(n, b))
    return math.log(exact.numerator) - math.log(exact.denominator)


@pytest.mark.parametrize(
    ("b", "c"),
    [(0, 0), (1, 0), (0, 1), (5, 3), (50, 50), (0, 3000), (700, 2000), (2000, 100), (2001, 2000)],
)
def test_discordant_items_agree_with_whole_numbers(b: int, c: int) -> None:
    assert log_e_discordant(b, c) == pytest.approx(exact_log_e(b, c), rel=1e-10, abs=1e-10)


def test_discordant_evidence_is_a_mixture_over_the_chance_of_winning() -> None:
    expected, _ = integrate.quad(lambda p: 2 * 2**9 * p**6 * (1 - p) ** 3, 0.5, 1)
    assert math.exp(log_e_discordant(6, 3)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n", "least"),
    [
        (15, (13, 14, 15)),
        (30, (23, 24, 26)),
        (50, (36, 37, 39)),
        (100, (65, 68, 70)),
        (200, (122, 126, 129)),
    ],
)
def test_the_wins_it_takes(n: int, least: tuple[int, int, int]) -> None:
    """Of n discordant items, for E of at least 20, 100 and 500."""
    won = np.arange(n + 1)
    log_e = log_e_discordant(won, n - won)
    assert (np.diff(log_e) > 0).all()
    assert tuple(int((log_e < math.log(e)).sum()) for e in (20, 100, 500)) == least
    # An exact test with the number of items fixed beforehand is content with less.
    assert reference.binomtest(least[0], n, alternative="greater").pvalue < 0.05


def test_counts_broadcast() -> None:
    log_e = log_e_discordant([[3], [9]], [0, 1, 2])
    assert log_e.shape == (2, 3)
    assert log_e[1, 2] == pytest.approx(exact_log_e(9, 2))


@pytest.mark.parametrize("counts", [(-1, 2), (2, -1), (1.5, 2), (1, math.nan), (math.inf, 1)])
def test_counts_are_whole_and_not_negative(counts: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="whole"):
        log_e_discordant(*counts)


def test_a_cluster_counts_once() -> None:
    values = [1.0, 0.5, 0.0, 1.0, -1.0]
    clusters = ["a", "b", "a", "a", ("b", 2)]
    log_e = log_e_clustered(values, clusters, lowest=-1, highest=1)
    expected = log_e_betting([2 / 3, 0.5, -1.0], lowest=-1, highest=1)
    assert log_e == pytest.approx(float(expected))


def test_repeating_answers_adds_nothing() -> None:
    once = log_e_clustered([1.0, 0.1], [0, 1], lowest=0, highest=1, null=0.5)
    often = log_e_clustered([1.0, 0.1] * 50, [0, 1] * 50, lowest=0, highest=1, null=0.5)
    assert often == pytest.approx(once)
    # Ten equal values have a mean that rounding puts beyond the limit.
    assert log_e_clustered([0.1] * 10, [0] * 10, lowest=0, highest=0.1, null=0.05) > 0


def test_every_value_of_a_cluster_is_within_the_limits_and_has_one() -> None:
    with pytest.raises(ValueError, match="not in"):
        log_e_clustered([2.0, 0.0], [0, 0], lowest=-1, highest=1)
    with pytest.raises(ValueError, match="shorter"):
        log_e_clustered([1.0, 0.0], [0], lowest=-1, highest=1)
