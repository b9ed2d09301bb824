import math

import pytest
from online_fdr.core.abstract.abstract_gamma_seq import AbstractGammaSequence
from online_fdr.e_values import ELond

from filial.stats import e_lond_alpha, e_lord_alpha


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
