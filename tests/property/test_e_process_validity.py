"""E[E_tau] <= 1 under "no gain", by simulation, for every e-process and several stopping rules."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from filial.stats import Floats, log_e_gaussian, log_e_safe_t

N_MAX = 10
REPEATS = 10_000


def gaussian(d: Floats) -> Floats:
    return log_e_gaussian(d, np.ones(len(d)))


def safe_t(d: Floats) -> Floats:
    return log_e_safe_t(d)


def pooled(prior_dof: int) -> Callable[[Floats], Floats]:
    """Calibration drawn afresh in every repetition, the same for every n of one repetition."""

    def log_e(d: Floats) -> Floats:
        ss = np.random.default_rng(99).chisquare(prior_dof, size=len(d))
        return log_e_safe_t(d, prior_ss=ss, prior_dof=prior_dof)

    return log_e


PROCESSES = {
    "gaussian": gaussian,
    "safe-t": safe_t,
    "pooled-1": pooled(1),
    "pooled-6": pooled(6),
    "pooled-19": pooled(19),
}


def stop_at_two(log_e: Floats, d: Floats) -> Floats:
    """At the first E >= 2, or at the end."""
    return first(log_e, log_e >= math.log(2))


def stop_at_twenty(log_e: Floats, d: Floats) -> Floats:
    return first(log_e, log_e >= math.log(20))


def stop_when_it_falls(log_e: Floats, d: Floats) -> Floats:
    return first(log_e, np.diff(log_e, axis=1, prepend=0.0) < 0)


def stop_on_a_good_mean(log_e: Floats, d: Floats) -> Floats:
    """Looks at the raw differences, as a gate with a smallest effect does."""
    means = np.cumsum(d, axis=1) / np.arange(1, N_MAX + 1)
    return first(log_e, means > 1.0)


def stop_at_once(log_e: Floats, d: Floats) -> Floats:
    return log_e[:, 0]


def first(log_e: Floats, stops: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    stops = stops.copy()
    stops[:, -1] = True
    return np.asarray(np.take_along_axis(log_e, stops.argmax(axis=1)[:, np.newaxis], 1)[:, 0])


RULES = (stop_at_two, stop_at_twenty, stop_when_it_falls, stop_on_a_good_mean, stop_at_once)


@pytest.mark.parametrize("name", PROCESSES)
def test_expected_evidence_is_at_most_one(name: str) -> None:
    d = np.random.default_rng(7).standard_normal((REPEATS, N_MAX))
    log_e = np.stack([PROCESSES[name](d[:, :n]) for n in range(1, N_MAX + 1)], axis=1)
    for rule in RULES:
        if name != "gaussian" and rule is stop_on_a_good_mean:
            continue  # exact for rules that do not see the scale; the next test covers the others
        e = np.exp(rule(log_e, d))
        error = e.std() / math.sqrt(REPEATS)
        assert e.mean() <= 1 + 4 * error, rule.__name__


@pytest.mark.parametrize("name", PROCESSES)
def test_it_seldom_ever_reaches_a_threshold(name: str) -> None:
    """Ville: whatever else stops it, E reaches 1/alpha with probability at most alpha."""
    d = np.random.default_rng(8).standard_normal((REPEATS, N_MAX))
    highest = np.max([PROCESSES[name](d[:, :n]) for n in range(1, N_MAX + 1)], axis=0)
    for alpha in (0.2, 0.05, 0.01):
        share = (highest >= -math.log(alpha)).mean()
        assert share <= alpha + 4 * math.sqrt(alpha / REPEATS)


def test_counting_the_first_sign_as_nothing_would_break_the_martingale() -> None:
    """E_1 = 1 and stopping on a bad first sign would give an expected E of 1.4."""
    d = np.random.default_rng(9).standard_normal((REPEATS, 2))
    second = np.exp(log_e_safe_t(d))
    naive = np.where(d[:, 0] < 0, 1.0, second)
    honest = np.where(d[:, 0] < 0, np.exp(log_e_safe_t(d[:, :1])), second)
    assert naive.mean() > 1.3
    assert honest.mean() == pytest.approx(1.0, abs=0.05)
