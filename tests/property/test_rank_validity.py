"""E[E_tau] <= 1 without a gain, whatever the tails: ranks, signs, and the gate's own evidence."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

from filial.core import Noise
from filial.gates import Rule
from filial.gates.evidence import log_evidence
from filial.stats import Floats, log_e_ranks, log_e_symmetric

Sides: TypeAlias = tuple[Floats, Floats]
Law: TypeAlias = Callable[[np.random.Generator], Sides]
RULE = Rule()
N_MAX = RULE.max_pairs
REPEATS = 800
SHAPE = (REPEATS, N_MAX)


def normal(rng: np.random.Generator) -> Sides:
    return rng.standard_normal(SHAPE), rng.standard_normal(SHAPE)


def student(rng: np.random.Generator) -> Sides:
    """Student-t(2): its variance is infinite."""
    return rng.standard_t(2, SHAPE), rng.standard_t(2, SHAPE)


def cauchy(rng: np.random.Generator) -> Sides:
    return rng.standard_cauchy(SHAPE), rng.standard_cauchy(SHAPE)


def contaminated(share: float) -> Law:
    """Seeds like 2.78, 2.80, 2.82 and, once in a while, 3.24; less is better, hence the sign."""

    def losses(rng: np.random.Generator) -> Floats:
        return -2.8 - 0.02 * rng.standard_normal(SHAPE) - 0.42 * (rng.random(SHAPE) < share)

    return lambda rng: (losses(rng), losses(rng))


def passed(rng: np.random.Generator) -> Sides:
    """Few values, so mostly ties."""
    return rng.integers(0, 3, SHAPE).astype(float), rng.integers(0, 3, SHAPE).astype(float)


def correlated(rho: float) -> Law:
    """Pairs that share their luck: a seed, items, the state of a machine."""

    def law(rng: np.random.Generator) -> Sides:
        shared, x, y = rng.standard_normal((3, *SHAPE))
        return (
            math.sqrt(rho) * shared + math.sqrt(1 - rho) * x,
            math.sqrt(rho) * shared + math.sqrt(1 - rho) * y,
        )

    return law


def drifting(rng: np.random.Generator) -> Sides:
    """Both sides of a pair get better by half a sigma from pair to pair."""
    x, y = normal(rng)
    return x + 0.5 * np.arange(N_MAX), y + 0.5 * np.arange(N_MAX)


def jumping(rng: np.random.Generator) -> Sides:
    """Halfway the machine becomes ten sigma slower for both."""
    x, y = normal(rng)
    jump = 10.0 * (np.arange(N_MAX) >= N_MAX // 2)
    return x - jump, y - jump


def autoregressive(rng: np.random.Generator, phi: float = 0.5) -> Sides:
    """Seeds that depend on the one before, within each arm."""
    noise = rng.standard_normal((2, *SHAPE))
    sides = noise.copy()
    for k in range(1, N_MAX):
        sides[..., k] = phi * sides[..., k - 1] + math.sqrt(1 - phi**2) * noise[..., k]
    return sides[0], sides[1]


def opposed(rng: np.random.Generator) -> Sides:
    """What helps one side of a pair harms the other."""
    x = rng.standard_normal(SHAPE)
    return x, -x


LAWS: dict[str, Law] = {
    "normal": normal,
    "student-2": student,
    "cauchy": cauchy,
    "contaminated-5": contaminated(0.05),
    "contaminated-25": contaminated(0.25),
    "ties": passed,
    "correlated-0.5": correlated(0.5),
    "correlated-0.9": correlated(0.9),
    "drifting": drifting,
    "jumping": jumping,
}

Process: TypeAlias = Callable[[Floats, Floats], Floats]


def by_gate(factor: float, n_values: int) -> Process:
    """The gate's evidence, where the A/A sigma is so many times what it should be."""

    def log_e(x: Floats, y: Floats) -> Floats:
        sigma = np.random.default_rng(1).permutation(y[:, 0] - x[:, 0])[:n_values].std(ddof=1)
        return log_evidence(x, y, Noise(sigma=factor * float(sigma), n_values=n_values), RULE)

    return log_e


PROCESSES: dict[str, Process] = {
    "ranks": log_e_ranks,
    "signs": lambda x, y: log_e_symmetric(y - x),
    "gate": by_gate(1.0, 20),
    "gate, sigma 30 % too small": by_gate(0.7, 20),
    "gate, no calibration": lambda x, y: log_evidence(x, y, Noise(sigma=0, n_values=0), RULE),
}


def first(log_e: Floats, stops: npt.NDArray[np.bool_]) -> Floats:
    stops = stops.copy()
    stops[:, -1] = True
    return np.asarray(np.take_along_axis(log_e, stops.argmax(axis=1)[:, np.newaxis], 1)[:, 0])


STOPS: dict[str, Callable[[Floats], Floats]] = {
    "at two": lambda log_e: first(log_e, log_e >= math.log(2)),
    "at twenty": lambda log_e: first(log_e, log_e >= math.log(20)),
    "when it falls": lambda log_e: first(log_e, np.diff(log_e, axis=1, prepend=0.0) < 0),
    "when it rises": lambda log_e: first(log_e, np.diff(log_e, axis=1, prepend=0.0) > 0),
    "below a tenth": lambda log_e: first(log_e, log_e < math.log(0.1)),
    "at once": lambda log_e: log_e[:, 0],
    "at the end": lambda log_e: log_e[:, -1],
}


def is_good_mean(d: Floats) -> npt.NDArray[np.bool_]:
    """Whether the mean so far is above the typical size of a difference."""
    means = d.cumsum(axis=1) / np.arange(1, N_MAX + 1)
    return np.asarray(means > np.median(np.abs(d)))


def path(process: Process, sides: Sides) -> Floats:
    """Log E after each pair, shape (repeats, pairs)."""
    x, y = sides
    return np.stack([process(x[:, :n], y[:, :n]) for n in range(1, x.shape[1] + 1)], axis=1)


def share_reaching(log_e: Floats, threshold: float) -> float:
    return float((log_e.max(axis=1) >= math.log(threshold)).mean())


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("law", LAWS)
def test_expected_evidence_is_at_most_one_and_seldom_large(law: str, process: str) -> None:
    """At every time of stopping that looks at the evidence; and Ville's inequality.

    Of ranks it holds by counting where the sides are exchangeable. Where pairs share something,
    orders are more even than by chance and ranks say less, not more; signs remain exact.

    The last time of stopping looks at the raw mean, as a smallest effect does. Of ranks no theorem
    covers it, for their martingale lives on ranks alone: that it does no harm is seen here only.
    """
    x, y = LAWS[law](np.random.default_rng(7))
    log_e = path(PROCESSES[process], (x, y))
    stopped = {name: stop(log_e) for name, stop in STOPS.items()}
    stopped["on a good mean"] = first(log_e, is_good_mean(y - x))
    for name, at_stop in stopped.items():
        e = np.exp(at_stop)
        assert e.mean() <= 1 + 4 * e.std() / math.sqrt(REPEATS), name
    for alpha in (0.2, 0.05, 0.01, 0.002):
        assert share_reaching(log_e, 1 / alpha) <= alpha + 4 * math.sqrt(alpha / REPEATS)


@pytest.mark.parametrize("law", LAWS)
def test_signs_may_be_stopped_on_the_differences_themselves(law: str) -> None:
    """Given all sizes signs are fair coins, so whatever looks at raw differences is covered."""
    x, y = LAWS[law](np.random.default_rng(8))
    log_e, d = path(PROCESSES["signs"], (x, y)), y - x
    for stops in (is_good_mean(d), d < 0, d > 0, np.abs(d) > np.median(np.abs(d))):
        e = np.exp(first(log_e, stops))
        assert e.mean() <= 1 + 4 * e.std() / math.sqrt(REPEATS)


@pytest.mark.parametrize("law", ["normal", "student-2", "contaminated-25"])
def test_a_gain_is_found_whatever_the_tails(law: str) -> None:
    """A validity that came from never finding anything would be worth nothing."""
    x, y = LAWS[law](np.random.default_rng(10))
    spread = float(np.quantile(y - x, 0.84) - np.quantile(y - x, 0.16)) / 2
    gain = 3 * spread
    for process in ("ranks", "gate"):
        log_e = path(PROCESSES[process], (x[:400], y[:400] + gain))
        assert share_reaching(log_e, 500) > (0.95 if law != "student-2" else 0.5)


def test_signs_find_what_shared_luck_hides_from_ranks() -> None:
    """Gains of a tenth of what the sides of a pair share."""
    x, y = correlated(0.999)(np.random.default_rng(11))
    x, y = x[:400], y[:400] + 0.1
    assert share_reaching(path(PROCESSES["ranks"], (x, y)), 500) < 0.01
    assert share_reaching(path(PROCESSES["signs"], (x, y)), 500) > 0.8
    assert share_reaching(path(PROCESSES["gate"], (x, y)), 500) > 0.5


def test_seeds_that_depend_on_each_other_are_not_covered() -> None:
    """Autocorrelation of 0.5 within an arm: no process at hand holds, nor does it claim to.

    Thresholds are reached several times too often; the limits here say how bad it is, so that a
    change for the worse is seen. What holds are fresh, independent seeds, drawn for each pair.
    """
    sides = autoregressive(np.random.default_rng(12))
    ranks, signs, gate = (path(PROCESSES[name], sides) for name in ("ranks", "signs", "gate"))
    for log_e in (ranks, signs):
        assert 0.05 < share_reaching(log_e, 20) < 0.25
    assert share_reaching(gate, 500) < 0.05
    # Taking the lesser of two is no cure, but it is no worse than either.
    assert share_reaching(gate, 20) <= share_reaching(ranks, 20) + share_reaching(signs, 20)


def test_pairs_that_are_opposed_are_not_covered_by_ranks() -> None:
    """What helps one side harms the other: orders are less even than by chance; signs hold."""
    sides = opposed(np.random.default_rng(13))
    signs = path(PROCESSES["signs"], sides)
    assert share_reaching(signs, 20) <= 0.05 + 4 * math.sqrt(0.05 / REPEATS)
    assert share_reaching(path(PROCESSES["ranks"], sides), 20) > 0.05
    assert share_reaching(path(PROCESSES["gate"], sides), 500) <= 0.002 + 4 * math.sqrt(
        0.002 / REPEATS
    )
