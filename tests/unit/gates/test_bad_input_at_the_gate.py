"""What no study should feed a gate: it gets a verdict with a reason, never a false promotion."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from filial.core import (
    Decision,
    FailureKind,
    Judged,
    Measurement,
    Metric,
    Noise,
    Pair,
    Trial,
    Verdict,
)
from filial.gates import Case, ConfirmationGate, ConstructionGate, Gate
from filial.testing.gate_contract import LOSS, pairs, trial

GATE = ConfirmationGate()
N_MAX = GATE.rule.max_pairs
SCORE = Metric("score", unit="points")
UNKNOWN = Noise(sigma=0.0, n_values=0)
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.RECIPE,
    primary=LOSS,
    guards=(),
    noise=UNKNOWN,
    alpha=0.002,
)


def first(evidence: Sequence[Pair], case: Case = CASE, gate: Gate = GATE) -> tuple[Verdict, int]:
    """The first verdict and the number of pairs it took; it has a reason."""
    for n in range(1, len(evidence) + 1):
        verdict = gate.judge(replace(case, pairs=tuple(evidence[:n])))
        if verdict is not None:
            assert verdict.reason
            return verdict, n
    raise AssertionError("the gate must decide within max_pairs")


def calibrated(values: Sequence[float]) -> Noise:
    return GATE.noise(LOSS, tuple(trial("old", value, k=k) for k, value in enumerate(values)))


@pytest.mark.parametrize("gate", [GATE, ConstructionGate()], ids=["e", "exact"])
@pytest.mark.parametrize("value", [0.0, 0.1, -3.0, 1e100, 1e-300])
def test_a_constant_metric(gate: Gate, value: float) -> None:
    constant = [value] * N_MAX
    verdict, _ = first(pairs(constant, constant), replace(CASE, noise=calibrated(constant)), gate)
    assert verdict.decision is Decision.REJECT


def test_a_constant_metric_of_which_rounding_leaves_a_little() -> None:
    """Values that differ in the last place, by chance, on either side."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        before, after = 0.1 * (1 + 2.0**-52 * rng.integers(-2, 3, (2, N_MAX)))
        noise = calibrated((0.1 * (1 + 2.0**-52 * rng.integers(-2, 3, 8))).tolist())
        evidence = pairs(before.tolist(), after.tolist())
        verdict, _ = first(evidence, replace(CASE, noise=noise))
        assert verdict.decision is not Decision.PROMOTE


def sat(candidate: str, items: Sequence[float], k: int) -> Trial:
    measured = Measurement(metric="score", value=math.fsum(items) / len(items), items=tuple(items))
    return replace(trial(candidate, 0.0, k=k), measurements=(measured,))


def one_by_one(before: Sequence[Sequence[float]], after: Sequence[Sequence[float]]) -> list[Pair]:
    return [
        Pair(incumbent=sat("old", a, k), challenger=sat("new", b, k))
        for k, (a, b) in enumerate(zip(before, after, strict=True))
    ]


@pytest.mark.parametrize("judged", [Judged.RECIPE, Judged.ARTIFACT])
def test_an_exam_of_one_item(judged: Judged) -> None:
    """Passed or failed by chance: of 300 challengers one may be promoted, on average, at most."""
    rng = np.random.default_rng(2)
    n_promoted = 0
    for _ in range(300):
        before, after = rng.integers(0, 2, (2, N_MAX, 1)).astype(float).tolist()
        case = replace(CASE, judged=judged, primary=SCORE, noise=Noise(sigma=0.7, n_values=20))
        verdict, _ = first(one_by_one(before, after), case)
        n_promoted += verdict.decision is Decision.PROMOTE
    assert n_promoted <= 1


def test_one_item_that_is_always_won_is_a_gain() -> None:
    case = replace(CASE, judged=Judged.ARTIFACT, primary=SCORE)
    verdict, n = first(one_by_one([[0.0]] * N_MAX, [[1.0]] * N_MAX), case)
    assert (verdict.decision, n) == (Decision.PROMOTE, 12)


@pytest.mark.parametrize("judged", [Judged.RECIPE, Judged.ARTIFACT])
def test_an_exam_whose_items_repeat(judged: Judged) -> None:
    """The same ten questions in every pair, and other answers to two of them: one each way."""
    before = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]
    after = [0.0, 1.0, *before[2:]]
    case = replace(CASE, judged=judged, primary=SCORE, noise=calibrated([0.5] * 20))
    for answers in (before, after):
        verdict, n = first(one_by_one([before] * N_MAX, [answers] * N_MAX), case)
        assert verdict.decision is Decision.REJECT
        assert n <= 3


def known(one: Pair) -> Pair:
    """The same pair, of which it is known what was asked: the same as in any other."""
    sides = []
    for sat in (one.incumbent, one.challenger):
        measured = sat["score"]
        questions = tuple(f"question {k}" for k in range(len(measured.items)))
        sides.append(replace(sat, measurements=(replace(measured, questions=questions),)))
    return Pair(incumbent=sides[0], challenger=sides[1])


@pytest.mark.parametrize("items", [[1.0], [1.0] * 10, [0.7, 0.9, 0.8]])
def test_an_artifact_is_not_promoted_for_answers_it_gave_before(items: list[float]) -> None:
    """The largest gain there can be on an exam that always asks the same."""
    case = replace(CASE, judged=Judged.ARTIFACT, primary=SCORE)
    won = one_by_one([[0.0] * len(items)] * N_MAX, [items] * N_MAX)
    promoted, _ = first(won, case)
    assert promoted.decision is Decision.PROMOTE, "as long as nobody knows what was asked"
    verdict, n = first([known(one) for one in won], case)
    assert (verdict.decision, n) == (Decision.UNDECIDED, N_MAX)
    assert verdict.reason.endswith("the exam repeats its questions")


def test_values_that_are_not_finite_are_refused_before_any_gate() -> None:
    for value in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="finite"):
            trial("new", value)
        with pytest.raises(ValueError, match="finite"):
            sat("new", [0.0, value], 0)


@pytest.mark.parametrize("gate", [GATE, ConstructionGate()], ids=["e", "exact"])
@pytest.mark.parametrize("kind", [FailureKind.NON_FINITE, FailureKind.CRASH, FailureKind.MEMORY])
def test_all_candidates_failing(gate: Gate, kind: FailureKind) -> None:
    """A stream of a hundred: each is rejected, and the budget shrinks but is never used up."""
    confirmations: list[Verdict] = []
    for k in range(100):
        lost = Pair(incumbent=trial("old", 2.8), challenger=trial("new", None, failure=kind))
        case = replace(CASE, alpha=gate.alpha(tuple(confirmations)))
        verdict, n = first([lost], case, gate)
        assert (verdict.decision, n) == (Decision.REJECT, 1)
        assert str(kind) in verdict.reason
        confirmations.append(verdict)
        assert k == 0 or verdict.alpha <= confirmations[-2].alpha
    assert gate.alpha(tuple(confirmations)) > 0 or gate is not GATE


def test_all_incumbents_failing() -> None:
    """Nothing to compare with is nobody's gain."""
    lost = [
        Pair(incumbent=trial("old", None, k=k), challenger=trial("new", 1.0, k=k))
        for k in range(N_MAX)
    ]
    verdict, n = first(lost)
    assert (verdict.decision, n) == (Decision.UNDECIDED, N_MAX)
    assert GATE.more_pairs(replace(CASE, pairs=tuple(lost))) == 0


def test_a_calibration_that_failed_throughout_is_none() -> None:
    failed = tuple(trial("old", None, k=k) for k in range(20))
    assert GATE.noise(LOSS, failed) == UNKNOWN
    verdict, n = first(
        pairs([2.8] * 16, [2.4] * 16), replace(CASE, noise=GATE.noise(LOSS, failed))
    )
    assert (verdict.decision, n) == (Decision.PROMOTE, 7)


@pytest.mark.parametrize("n_values", [0, 6, 20])
def test_infinite_variance(n_values: int) -> None:
    """Cauchy noise has no mean, let alone a spread; nobody is promoted for it."""
    rng = np.random.default_rng(3)
    for _ in range(150):
        noise = calibrated(rng.standard_cauchy(n_values).tolist())
        before, after = rng.standard_cauchy((2, N_MAX)).tolist()
        verdict, _ = first(pairs(before, after), replace(CASE, noise=noise))
        assert verdict.decision is not Decision.PROMOTE


def wobbling(gain: float, seed: int) -> tuple[list[float], list[float], list[float]]:
    """Losses of calibration, incumbent and challenger at scale 1."""
    rng = np.random.default_rng(seed)
    before, after = rng.standard_normal((2, N_MAX))
    return rng.standard_normal(8).tolist(), before.tolist(), (after - gain).tolist()


@pytest.mark.parametrize("scale", [1e-12, 1e12, 1e-90, 1e90])
@pytest.mark.parametrize("gain", [0.0, 1.5, 3.0, 6.0, -2.0])
def test_the_scale_of_a_metric_does_not_matter(gain: float, scale: float) -> None:
    """The same data in another unit get the same answer after the same number of pairs."""
    for seed in range(4):
        answers = []
        for unit in (1.0, scale):
            values, before, after = (
                [unit * loss for loss in losses] for losses in wobbling(gain, seed)
            )
            case = replace(CASE, noise=calibrated(values))
            verdict, n = first(pairs(before, after), case)
            answers.append((verdict.decision, n))
            if verdict.decision is Decision.PROMOTE:
                assert gain > 0
        assert answers[0] == answers[1]


def test_metrics_on_scales_far_apart_do_not_disturb_each_other() -> None:
    """A primary in the trillionths and a guard in the trillions."""
    guard = Metric("memory", direction="min", tolerance=1e11)
    values, before, after = ([1e-12 * v for v in losses] for losses in wobbling(6.0, 0))
    case = replace(CASE, guards=(guard,), noise=calibrated(values))
    for harm, expected in ((0.0, Decision.PROMOTE), (2e11, Decision.REJECT)):
        evidence = [
            Pair(
                incumbent=trial("old", a, k=k, memory=1e12),
                challenger=trial("new", b, k=k, memory=1e12 + harm + k),
            )
            for k, (a, b) in enumerate(zip(before, after, strict=True))
        ]
        verdict, _ = first(evidence, case)
        assert verdict.decision is expected


def test_a_metric_that_is_missing_is_an_error() -> None:
    """An exam that does not report what the study asks for is our trouble, not a gain."""
    other = replace(CASE, primary=replace(LOSS, name="accuracy"), pairs=pairs([1.0], [0.5]))
    for gate in (GATE, ConstructionGate()):
        with pytest.raises(KeyError, match="accuracy"):
            gate.judge(other)
