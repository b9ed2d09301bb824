"""The whole gate on simulated streams: false promotions, power, cost."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pytest

from filial.core import Decision, Judged, Metric, Noise, Verdict
from filial.gates import Case, ConfirmationGate, Rule
from filial.gates.evidence import UNKNOWN, log_evidence
from filial.stats import Floats, e_lord_alpha, log_e_ranks, log_e_symmetric
from filial.testing.gate_contract import pairs

Law: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], Floats]
RULE = Rule()
GATE = ConfirmationGate(RULE)
METRIC = Metric("loss", direction="min")


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return rng.standard_normal(shape)


def student(dof: int) -> Law:
    return lambda rng, shape: rng.standard_t(dof, shape)


def contaminated(share: float) -> Law:
    """Seeds like 2.78, 2.80, 2.82 and, once in a while, 3.24."""
    return lambda rng, shape: (
        2.80 + 0.02 * rng.standard_normal(shape) + 0.42 * (rng.random(shape) < share)
    )


def calibrate(values: Floats) -> Noise:
    return Noise(sigma=math.sqrt(2) * float(values.std(ddof=1)), n_values=len(values))


def case_for(noise: Noise) -> Case:
    return Case(
        challenger="new",
        incumbent="old",
        judged=Judged.RECIPE,
        primary=METRIC,
        guards=(),
        noise=noise,
        alpha=GATE.alpha(()),
    )


def confirm(case: Case, before: Floats, after: Floats) -> tuple[Verdict, int]:
    """Returns the verdict and the number of pairs it took."""
    evidence = pairs(before.tolist(), after.tolist())
    for n in range(1, len(evidence) + 1):
        verdict = GATE.judge(replace(case, pairs=evidence[:n]))
        if verdict is not None:
            return verdict, n
    raise AssertionError("the gate must decide within max_pairs")


LAWS = {
    "normal": normal,
    "student-3": student(3),
    "student-2": student(2),
    "contaminated-5": contaminated(0.05),
    "contaminated-25": contaminated(0.25),
}


FLOOR = math.log(100)  # of evidence that could promote anything, for up to five promotions


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What could be promoted in a stream of challengers that are all no better.

    The gate's evidence is at most the larger of ranks and signs, neither of which knows about the
    calibration: challengers for whom both are small at all numbers of pairs can be left out for
    all calibrations. The others face the gate if their evidence ever reaches what they need.

    Attributes:
        n_challengers: Its length.
        positions: Where in it the remaining challengers are.
        dev: Gains of all challengers on their dev pairs.
        before: The incumbent's losses in their confirmations.
        after: Theirs.
    """

    n_challengers: int
    positions: list[int]
    dev: Floats
    before: Floats
    after: Floats

    @classmethod
    def draw(cls, law: Law, n_challengers: int, rng: np.random.Generator) -> "Stream":
        before, after = (law(rng, (n_challengers, RULE.max_pairs)) for _ in range(2))
        looks = range(5, RULE.max_pairs + 1)  # C(8, 4) and 2^4 are less than the floor
        bounds = [
            np.maximum(
                log_e_ranks(-before[:, :n], -after[:, :n]),
                log_e_symmetric(before[:, :n] - after[:, :n]),
            )
            for n in looks
        ]
        positions = np.flatnonzero(np.max(bounds, axis=0) >= FLOOR)
        return cls(
            n_challengers=n_challengers,
            positions=positions.tolist(),
            dev=law(rng, (n_challengers,)) - law(rng, (n_challengers,)),
            before=before[positions],
            after=after[positions],
        )

    def n_false(self, noise: Noise, *, is_screened: bool = False) -> int:
        """Returns the promotions, given a calibration; screened, only good dev pairs go on."""
        looks = range(RULE.min_pairs, RULE.max_pairs + 1)
        found = [log_evidence(-self.before[:, :n], -self.after[:, :n], noise, RULE) for n in looks]
        highest = np.max(found, axis=0)
        if highest.max(initial=-math.inf) < -math.log(GATE.alpha(())):
            return 0  # until the first promotion no alpha is larger than the first
        spent: list[tuple[float, bool]] = []
        rows = {position: row for row, position in enumerate(self.positions)}
        least = RULE.screen_sigmas * noise.sigma if is_screened else -math.inf
        for k in np.flatnonzero(self.dev >= least).tolist():
            alpha = e_lord_alpha(spent, fdr=RULE.fdr)
            row = rows.get(k)
            is_promoted = False
            if row is not None and highest[row] >= -math.log(alpha):
                case = replace(case_for(noise), alpha=alpha)
                verdict, _ = confirm(case, self.before[row], self.after[row])
                is_promoted = verdict.decision is Decision.PROMOTE
            spent.append((alpha, is_promoted))
        return sum(promoted for _, promoted in spent)


CALIBRATIONS = [(n_values, factor) for n_values in (6, 20) for factor in (1.0, 0.7)]


def false_promotions(
    law: Law, n_streams: int, n_challengers: int, *, is_screened: bool = False
) -> dict[tuple[int, float], list[int]]:
    """Returns the promotions of each stream, by number of A/A values and factor on their sigma."""
    counts: dict[tuple[int, float], list[int]] = {key: [] for key in CALIBRATIONS}
    for seed in range(n_streams):
        rng = np.random.default_rng(seed)
        stream = Stream.draw(law, n_challengers, rng)
        for n_values, factor in CALIBRATIONS:
            noise = calibrate(law(rng, (n_values,)))
            noise = replace(noise, sigma=factor * noise.sigma)
            counts[n_values, factor].append(stream.n_false(noise, is_screened=is_screened))
    return counts


# The first 300 confirmations hold 99.8 % of the error budget.
@pytest.mark.parametrize("law", LAWS)
def test_streams_without_gains_promote_almost_nothing(law: str) -> None:
    """Ten streams, of which one may have any false promotion, on average.

    With 6 and 20 A/A values, and a sigma that is 30 % too small. Where every fourth seed is an
    outlier, six values miss them all in 18 % of studies: what looks like a gain of fifteen sigma
    then is one bad seed after another on the incumbent's side, and the order of trials tells.
    """
    counts = false_promotions(LAWS[law], n_streams=10, n_challengers=300)
    for key, found in counts.items():
        assert sum(count > 0 for count in found) <= 1, key


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("law", LAWS)
def test_long_streams_without_gains(law: str) -> None:
    """A hundred streams of 1,000 candidates: at most one promotion in all of them.

    If each of the 1,000 is confirmed, without a screen, some four streams may be spoilt; the error
    budget allows ten.
    """
    for is_screened, most in ((True, 1), (False, 4)):
        counts = false_promotions(LAWS[law], 100, 1000, is_screened=is_screened)
        totals = {key: sum(found) for key, found in counts.items()}
        assert max(totals.values()) <= most, totals


def test_the_robust_bound_leaves_out_nothing() -> None:
    """Streams count what the gate's evidence counts on all challengers."""
    rng = np.random.default_rng(0)
    stream = Stream.draw(student(3), 500, rng)
    noise = calibrate(student(3)(rng, (20,)))
    rng = np.random.default_rng(0)
    before, after = (student(3)(rng, (500, RULE.max_pairs)) for _ in range(2))
    looks = range(RULE.min_pairs, RULE.max_pairs + 1)
    highest = np.max([log_evidence(-before[:, :n], -after[:, :n], noise, RULE) for n in looks], 0)
    assert set(np.flatnonzero(highest >= FLOOR)) <= set(stream.positions)


def test_streams_with_gains_are_not_counted_as_nothing() -> None:
    """The same count finds what is there."""
    rng = np.random.default_rng(1)
    stream = Stream.draw(normal, 50, rng)
    noise = calibrate(normal(rng, (20,)))
    better = replace(
        stream,
        positions=[3, 30],
        before=rng.standard_normal((2, RULE.max_pairs)),
        after=rng.standard_normal((2, RULE.max_pairs)) - 8,
    )
    assert stream.n_false(noise) == 0
    assert better.n_false(noise) == 2


@pytest.mark.parametrize(
    ("sigma", "n_values", "share", "mean_pairs"),
    [(0.04, 7, 0.99, 8.1), (0.10, 7, 0.96, 8.2), (0.10, 20, 0.98, 8.3)],
)
def test_a_gain_of_035_is_found_in_eight_pairs(
    sigma: float, n_values: int, share: float, mean_pairs: float
) -> None:
    """At the first e-LORD threshold, E >= 2000; ``sigma`` is that of a paired difference."""
    rng = np.random.default_rng(3)
    promoted, used = 0, 0
    for _ in range(100):
        seed_sd = sigma / math.sqrt(2)
        noise = calibrate(2.8 + seed_sd * rng.standard_normal(n_values))
        before = 2.80 + seed_sd * rng.standard_normal(RULE.max_pairs)
        after = 2.45 + seed_sd * rng.standard_normal(RULE.max_pairs)
        verdict, n = confirm(case_for(noise), before, after)
        promoted += verdict.decision is Decision.PROMOTE
        used += n
    assert promoted / 100 >= share
    assert used / 100 <= mean_pairs


UNTOUCHED, UNLUCKY, LUCKY = 0.0, 0.44, -0.44


@pytest.mark.parametrize("luck", [UNLUCKY, LUCKY])
@pytest.mark.parametrize("n_values", [0, 6, 20])
def test_one_lucky_or_unlucky_incumbent_seed_decides_nothing(n_values: int, luck: float) -> None:
    """Losses like 2.80 +- 0.02; one of the first seven of the incumbent's is off by 22 sigma.

    A challenger that is no better is not promoted for it, and a real gain is not lost.
    """
    rng = np.random.default_rng(4)
    promoted = {UNTOUCHED: 0, luck: 0}
    for _ in range(60):
        noise = calibrate(2.8 + 0.02 * rng.standard_normal(n_values)) if n_values else UNKNOWN
        before, after = 2.8 + 0.02 * rng.standard_normal((2, RULE.max_pairs))
        hit = np.zeros(RULE.max_pairs)
        hit[rng.integers(7)] = 1.0
        verdict, _ = confirm(case_for(noise), before + luck * hit, after)
        assert verdict.decision is not Decision.PROMOTE
        for off in promoted:
            verdict, _ = confirm(case_for(noise), before + off * hit, after - 0.35)
            promoted[off] += verdict.decision is Decision.PROMOTE
    assert promoted[UNTOUCHED] == 60
    assert promoted[luck] >= 54


def mixed_stream(seed: int, n_values: int) -> tuple[list[tuple[float, float]], float]:
    """Returns (true, claimed) gain of each promotion, in sigma, and the builds per candidate."""
    rng = np.random.default_rng(seed)
    noise = calibrate(rng.standard_normal(n_values) / math.sqrt(2))
    effects = rng.permutation(np.repeat([0.0, -1.0, 0.5, 2.0], [900, 50, 40, 10]))
    verdicts: list[Verdict] = []
    found: list[tuple[float, float]] = []
    builds = 0
    for effect in effects:
        builds += 1
        dev = pairs(*(rng.standard_normal((2, 1)) / math.sqrt(2) - [[0.0], [effect]]).tolist())[0]
        case = replace(case_for(noise), alpha=GATE.alpha(tuple(verdicts)))
        if GATE.screen(case, dev.incumbent, dev.challenger) is not None:
            continue
        before, after = rng.standard_normal((2, RULE.max_pairs)) / math.sqrt(2)
        verdict, n = confirm(case, before, after - effect)
        verdicts.append(verdict)
        builds += 2 * n
        if verdict.decision is Decision.PROMOTE:
            assert verdict.comparison is not None
            found.append((float(effect), verdict.comparison.estimate))
    return found, builds / len(effects)


def test_a_mixed_stream_keeps_gains_and_no_junk() -> None:
    """90 % null, 5 % harmful, 4 % of +0.5 sigma, 1 % of +2 sigma; 1,000 candidates, three streams.

    Most of the large gains are promoted, fewer than a tenth of promotions are not gains, and a
    candidate costs fewer than three builds.
    """
    found, costs = [], []
    for seed in range(3):
        promotions, cost = mixed_stream(seed, n_values=20)
        found += promotions
        costs.append(cost)
    true = np.array([gain for gain, _ in found])
    claimed = np.array([claim for _, claim in found])
    assert (true == 2.0).sum() / 30 >= 0.5
    assert (true <= 0).mean() <= RULE.fdr
    assert max(costs) < 3
    assert 0.7 < true.mean() / claimed.mean() < 1.1
