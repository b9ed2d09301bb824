import math

import pytest
from online_fdr.core.abstract.abstract_gamma_seq import AbstractGammaSequence
from online_fdr.core.abstract.abstract_spend_func import AbstractSpendFunc
from online_fdr.core.utils.sequence import DefaultLondGammaSequence
from online_fdr.e_values import ELond
from online_fdr.p_values.investing.lond.lond import Lond
from online_fdr.p_values.spending.alpha_spending import AlphaSpending

from filial.stats import START, e_lond_alpha, e_lord_alpha, family_wise_alpha


class Gammas(AbstractGammaSequence):
    def calc_gamma(self, j: int, **_: object) -> float:
        return e_lond_alpha([(0.0, False)] * (j - 1), fdr=1.0)


def test_e_lord_worked_by_hand() -> None:
    """A quarter of 0.10 before the first promotion, and all that is left of 0.10 after it."""
    first = 0.02 * 0.025
    assert e_lord_alpha([]) == pytest.approx(first) == 0.0005
    assert e_lord_alpha([(first, False)]) == pytest.approx(0.02 * 0.0245)
    assert e_lord_alpha([(first, True)]) == pytest.approx(0.02 * 0.0995 * 2)
    second = 0.02 * 0.0995 * 2
    after_two = 0.02 * (0.10 - first - second / 2) * 2
    assert e_lord_alpha([(first, True), (second, False)]) == pytest.approx(after_two)
    assert e_lord_alpha([], fdr=0.2, omega=0.1) == pytest.approx(0.1 * 0.05)


def spend_on(n: int, spent: list[tuple[float, bool]], *, fdr: float = 0.10) -> None:
    """Adds n confirmations that promote nothing."""
    for _ in range(n):
        spent.append((e_lord_alpha(spent, fdr=fdr), False))


@pytest.mark.parametrize("fdr", [0.05, 0.10, 0.5])
def test_without_promotions_e_lord_spends_at_most_a_share_of_the_rate(fdr: float) -> None:
    spent: list[tuple[float, bool]] = []
    spend_on(1500, spent, fdr=fdr)
    total = math.fsum(alpha for alpha, _ in spent)
    assert total <= START * fdr
    assert total == pytest.approx(START * fdr)
    assert spent[-1][0] > 0


def test_after_the_first_promotion_e_lord_spends_the_whole_rate() -> None:
    """However late it comes: 0.075 is then there at least, and is worth twice as much."""
    spent: list[tuple[float, bool]] = []
    spend_on(1000, spent)
    spent.append((e_lord_alpha(spent), True))
    first = math.fsum(alpha for alpha, _ in spent)
    assert e_lord_alpha(spent) == pytest.approx(0.02 * (0.10 - first) * 2)
    spend_on(1500, spent)
    later = math.fsum(alpha for alpha, _ in spent[1001:])
    assert first + later / 2 <= 0.10
    assert first + later / 2 == pytest.approx(0.10)


@pytest.mark.parametrize("every", [1, 2, 7, 50])
def test_e_lord_never_spends_more_than_the_rate(every: int) -> None:
    """The sum that bounds the false discovery rate, for promotions now and then."""
    spent: list[tuple[float, bool]] = []
    total, n_promoted = 0.0, 0
    for k in range(1, 1000):
        alpha = e_lord_alpha(spent)
        total += alpha / (n_promoted + 1)
        spent.append((alpha, k % every == 0))
        n_promoted += k % every == 0
        assert total <= 0.10 * (1 + 1e-12)
    assert total == pytest.approx(0.10, rel=1e-6)


def test_an_exhausted_budget_is_positive_and_out_of_reach() -> None:
    alpha = e_lord_alpha([(0.5, False)])
    assert 0 < alpha < 1e-300
    assert math.isfinite(1 / alpha)


def test_e_lond_agrees_with_online_fdr() -> None:
    oracle = ELond(0.10, Gammas())
    spent: list[tuple[float, bool]] = []
    for e_value in (3.0, 1e6, 0.1, 1e9, 40.0, 2e3, 1.0):
        alpha = e_lond_alpha(spent)
        promoted = oracle.test_one(e_value)
        assert oracle.current_level == pytest.approx(alpha)
        assert promoted == (e_value >= 1 / alpha)
        spent.append((alpha, promoted))


def test_e_lond_weights_sum_to_one() -> None:
    n = 200_000
    total = math.fsum(1 / (k * math.log(k) ** 2) for k in range(2, n))
    first = e_lond_alpha([], fdr=1.0)
    weight = first * 2 * math.log(2) ** 2
    assert weight * (total + 1 / math.log(n - 0.5)) == pytest.approx(1.0, rel=1e-9)


def test_lond_on_the_reciprocals_agrees_with_online_fdr() -> None:
    """An e-value turned into a p-value, 1/E, needs the same levels under LOND."""

    class Ours(DefaultLondGammaSequence):
        def calc_gamma(self, j: int, **_: object) -> float:
            return e_lond_alpha([(0.0, False)] * (j - 1))

    oracle = Lond(0.10)
    oracle.seq = Ours(c=1.0)
    spent: list[tuple[float, bool]] = []
    for e_value in (3.0, 1e6, 1.0, 1e9, 40.0, 2e3, 1.0):
        alpha = e_lond_alpha(spent)
        promoted = oracle.test_one(1 / e_value)
        assert oracle.last_test_level == pytest.approx(alpha)
        assert promoted == (e_value >= 1 / alpha)
        spent.append((alpha, promoted))


def test_family_wise_levels_agree_with_alpha_spending() -> None:
    class Spend(AbstractSpendFunc):
        def spend(self, index: int, alpha: float) -> float:
            return alpha * Gammas().calc_gamma(index + 1)

    oracle = AlphaSpending(0.05, Spend(k=None))
    spent: list[tuple[float, bool]] = []
    for e_value in (3.0, 1e6, 1.0, 1e9, 40.0):
        alpha = family_wise_alpha(spent)
        promoted = oracle.test_one(1 / e_value)
        assert oracle.last_test_level == pytest.approx(alpha)
        assert promoted == (e_value >= 1 / alpha)
        spent.append((alpha, promoted))


@pytest.mark.parametrize("promoted", [False, True])
def test_family_wise_levels_never_add_up_to_more(promoted: bool) -> None:
    spent: list[tuple[float, bool]] = []
    for _ in range(3000):
        spent.append((family_wise_alpha(spent, fwer=0.2), promoted))
    total = math.fsum(alpha for alpha, _ in spent)
    rest = 0.2 / (2.109742801236892 * math.log(3001.5))  # the tail, as an integral
    assert total < 0.2
    assert total + rest == pytest.approx(0.2, rel=1e-5)


def test_what_the_first_and_the_hundredth_confirmation_need() -> None:
    assert 1 / family_wise_alpha([]) == pytest.approx(41, abs=0.5)
    assert 1 / family_wise_alpha([(0.0, False)] * 99) == pytest.approx(91_000, abs=500)


def test_rates_for_discoveries_are_no_stricter_than_for_families() -> None:
    """At the same rate e-LOND starts there, and is worth more with every promotion."""
    spent = [(0.01, True), (0.01, False), (0.01, True)]
    assert e_lond_alpha([], fdr=0.05) == family_wise_alpha([])
    assert e_lond_alpha(spent, fdr=0.05) == pytest.approx(3 * family_wise_alpha(spent))
    # e-LORD spends at one rate for ever and overtakes both once promotions pay.
    stream = [(0.002, True)] * 20
    assert e_lord_alpha(stream) > e_lond_alpha(stream) > family_wise_alpha(stream, fwer=0.10)
