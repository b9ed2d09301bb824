"""E[E_tau] <= 1 for bounded values, and coverage at every n at once, by simulation."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from filial.stats import (
    Floats,
    betting_sequence,
    gaussian_sequence,
    log_e_betting,
    log_e_clustered,
    log_e_discordant,
    t_sequence,
)

N_MAX = 30
REPEATS = 4000


def even(rng: np.random.Generator) -> Floats:
    return rng.choice([-1.0, 1.0], (REPEATS, N_MAX))


def seldom_discordant(rng: np.random.Generator) -> Floats:
    return rng.choice([-1.0, 0.0, 1.0], (REPEATS, N_MAX), p=[0.1, 0.8, 0.1])


def small_wins_large_losses(rng: np.random.Generator) -> Floats:
    return rng.choice([0.1, -1.0], (REPEATS, N_MAX), p=[10 / 11, 1 / 11])


def small_losses_large_wins(rng: np.random.Generator) -> Floats:
    return rng.choice([-0.1, 1.0], (REPEATS, N_MAX), p=[10 / 11, 1 / 11])


def uniform(rng: np.random.Generator) -> Floats:
    return rng.uniform(-1, 1, (REPEATS, N_MAX))


def dependent(rng: np.random.Generator) -> Floats:
    """Bold after a win, careful after a loss; still without a gain, given the past."""
    signs = rng.choice([-1.0, 1.0], (REPEATS, N_MAX))
    sizes = np.where(signs[:, :-1] > 0, 1.0, 0.2)
    return np.asarray(signs * np.concatenate([np.ones((REPEATS, 1)), sizes], axis=1))


def harmful(rng: np.random.Generator) -> Floats:
    return rng.choice([-1.0, 1.0], (REPEATS, N_MAX), p=[0.6, 0.4])


LAWS = (
    even,
    seldom_discordant,
    small_wins_large_losses,
    small_losses_large_wins,
    uniform,
    dependent,
    harmful,
)


def first(log_e: Floats, stops: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    stops = stops.copy()
    stops[:, -1] = True
    return np.asarray(np.take_along_axis(log_e, stops.argmax(axis=1)[:, np.newaxis], 1)[:, 0])


RULES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "at two": lambda log_e, _: first(log_e, log_e >= math.log(2)),
    "at twenty": lambda log_e, _: first(log_e, log_e >= math.log(20)),
    "when it falls": lambda log_e, _: first(log_e, np.diff(log_e, axis=1, prepend=0.0) < 0),
    "on a good mean": lambda log_e, x: first(log_e, np.cumsum(x, axis=1) >= 2),
    "after a loss": lambda log_e, x: first(log_e, x < 0),
    "at once": lambda log_e, _: log_e[:, 0],
    "at the end": lambda log_e, _: log_e[:, -1],
}


def betting(x: Floats) -> Floats:
    paths = [log_e_betting(x[:, :n], lowest=-1, highest=1) for n in range(1, x.shape[1] + 1)]
    return np.stack(paths, axis=1)


def discordant(x: Floats) -> Floats:
    return log_e_discordant((x > 0).cumsum(axis=1), (x < 0).cumsum(axis=1))


def assert_valid(log_e: Floats, x: Floats) -> None:
    for name, rule in RULES.items():
        e = np.exp(rule(log_e, x))
        assert e.mean() <= 1 + 4 * e.std() / math.sqrt(len(e)), name
    for alpha in (0.2, 0.05, 0.01):
        share = (log_e.max(axis=1) >= -math.log(alpha)).mean()
        assert share <= alpha + 4 * math.sqrt(alpha / len(log_e))


@pytest.mark.parametrize("law", LAWS)
def test_betting_expects_at_most_one(law: Callable[[np.random.Generator], Floats]) -> None:
    x = law(np.random.default_rng(1))
    assert_valid(betting(x), x)


@pytest.mark.parametrize("law", [even, seldom_discordant, harmful])
def test_discordant_items_expect_at_most_one(
    law: Callable[[np.random.Generator], Floats],
) -> None:
    x = law(np.random.default_rng(2))
    assert_valid(discordant(x), x)


@pytest.mark.parametrize("process", [betting, discordant])
def test_a_gain_is_found(process: Callable[[Floats], Floats]) -> None:
    x = np.random.default_rng(3).choice([-1.0, 1.0], (400, 100), p=[0.3, 0.7])
    assert (process(x).max(axis=1) >= math.log(20)).mean() > 0.8


def test_clusters_expect_at_most_one_where_their_items_do_not() -> None:
    """Eight families of eight items that mostly share their fate."""
    rng = np.random.default_rng(4)
    n_families, n_items, repeats = 8, 8, 1500
    fates = rng.choice([-1.0, 1.0], (repeats, n_families, 1))
    own = rng.choice([-1.0, 1.0], (repeats, n_families, n_items))
    x = np.where(rng.random(own.shape) < 0.9, fates, own)
    clusters = np.repeat(np.arange(n_families), n_items).tolist()

    def clustered(n: int) -> Floats:
        logs = [
            log_e_clustered(row, clusters[: n * n_items], lowest=-1, highest=1)
            for row in x[:, :n].reshape(repeats, -1).tolist()
        ]
        return np.array(logs)

    log_e = np.stack([clustered(n) for n in range(1, n_families + 1)], axis=1)
    assert_valid(log_e, x.mean(axis=2))
    naive = np.exp(log_e_betting(x.reshape(repeats, -1), lowest=-1, highest=1))
    assert naive.mean() > 2
    assert (naive >= 20).mean() > 0.05


def share_missed(ends: Callable[[list[float]], tuple[float, float]], x: Floats) -> float:
    """The share of rows of which some interval, at any n, misses 0."""

    def misses(row: list[float]) -> bool:
        intervals = (ends(row[:n]) for n in range(1, len(row) + 1))
        return any(not lower <= 0 <= upper for lower, upper in intervals)

    return float(np.mean([misses(row) for row in x.tolist()]))


@pytest.mark.parametrize("alpha", [0.2, 0.05])
@pytest.mark.parametrize("kind", ["gaussian", "t", "t-rho-1", "bounded"])
def test_a_sequence_covers_at_every_n_at_once(kind: str, alpha: float) -> None:
    sequences: dict[str, Callable[[list[float]], tuple[float, float]]] = {
        "gaussian": lambda d: gaussian_sequence(d, 1.0, alpha=alpha),
        "t": lambda d: t_sequence(d, alpha=alpha),
        "t-rho-1": lambda d: t_sequence(d, alpha=alpha, rho=1.0),
        "bounded": lambda d: betting_sequence(d, lowest=-1, highest=1, alpha=alpha),
    }
    rng = np.random.default_rng(5)
    if kind == "bounded":
        x = rng.choice([-0.5, 1.0], (100, 15), p=[2 / 3, 1 / 3])
    else:
        x = rng.standard_normal((2000, 20))
    share = share_missed(sequences[kind], x)
    assert share <= alpha + 4 * math.sqrt(alpha / len(x))
    assert share > 0 or kind == "bounded"


def test_a_sequence_covers_with_fresh_calibration() -> None:
    rng = np.random.default_rng(6)
    shares = []
    for _ in range(1500):
        ss = float(rng.chisquare(6))
        row = rng.standard_normal((1, 20))
        shares.append(share_missed(partial(t_sequence, prior_ss=ss, prior_dof=6), row))
    assert 0 < np.mean(shares) <= 0.05 + 4 * math.sqrt(0.05 / 1500)


def test_looking_at_t_intervals_does_not_cover() -> None:
    """The same check finds out an interval that is good for one look only."""
    x = np.random.default_rng(7).standard_normal((300, 20))

    def fixed(d: list[float]) -> tuple[float, float]:
        half = 2.1 * np.std(d, ddof=1) / math.sqrt(len(d)) if len(d) > 4 else math.inf
        return float(np.mean(d) - half), float(np.mean(d) + half)

    assert share_missed(fixed, x) > 0.15
