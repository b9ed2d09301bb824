import math

import pytest
from online_fdr.core.abstract.abstract_gamma_seq import AbstractGammaSequence
from online_fdr.core.abstract.abstract_spend_func import AbstractSpendFunc
from online_fdr.core.utils.sequence import DefaultLondGammaSequence
from online_fdr.e_values import ELond
from online_fdr.p_values.investing.lond.lond import Lond
from online_fdr.p_values.spending.alpha_spending import AlphaSpending

from filial.stats import e_lond_alpha, e_lord_alpha, family_wise_alpha


class Gammas(AbstractGammaSequence):
    def calc_gamma(self, j: int, **_: object) -> float:
        return e_lond_alpha([(0.0, False)] * (j - 1), fdr=1.0)


def test_e_lord_worked_by_hand() -> None:
    assert e_lord_alpha([]) == pytest.approx(0.002)
    assert e_lord_alpha([(0.002, False)]) == pytest.approx(0.02 * 0.098)
    assert e_lord_alpha([(0.002, True)]) == pytest.approx(0.02 * 0.098 * 2)
    second = 0.02 * 0.098 * 2
    after_two = 0.02 * (0.10 - 0.002 - second / 2) * 2
    assert e_lord_alpha([(0.002, True), (second, False)]) == pytest.approx(after_two)
    assert e_lord_alpha([], fdr=0.2, omega=0.1) == pytest.approx(0.02)


def test_without_promotions_e_lord_spends_at_most_the_rate() -> None:
    spent: list[tuple[float, bool]] = []
    for _ in range(1500):
        spent.append((e_lord_alpha(spent), False))
    assert math.fsum(alpha for alpha, _ in spent) <= 0.10
    assert math.fsum(alpha for alpha, _ in spent) == pytest.approx(0.10)
    assert spent[-1][0] > 0


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
