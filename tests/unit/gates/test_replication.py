"""Whether a promotion can be had again from its source."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from filial.core import Decision, FailureKind, Judged, Noise, Trial, Verdict
from filial.gates import Case, ConfirmationGate
from filial.testing.gate_contract import LOSS, pairs, trial

GATE = ConfirmationGate()
AFTER = (2.43, 2.47, 2.45, 2.44, 2.46, 2.45, 2.45)
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.RECIPE,
    primary=LOSS,
    guards=(),
    noise=Noise(sigma=math.sqrt(2) * 0.02, n_values=7),
    alpha=0.002,
    pairs=pairs([2.8] * 7, AFTER),
)
ROOM = 3 * 0.02 * math.sqrt(1 + 1 / 7)
"""Three standard deviations of a single value, and what the mean of seven may be off by."""


def promotion(case: Case = CASE) -> Verdict:
    verdict = GATE.judge(case)
    assert verdict is not None
    assert verdict.decision is Decision.PROMOTE
    return verdict


def again(*losses: float | None, failure: FailureKind = FailureKind.CRASH) -> tuple[Trial, ...]:
    return tuple(trial("new", loss, k=100 + k, failure=failure) for k, loss in enumerate(losses))


def answer(trials: Sequence[Trial], case: Case = CASE) -> Verdict:
    return GATE.replicate(case, promotion(case), tuple(trials))


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ((2.45, 2.45), Decision.PROMOTE),
        ((2.0, 1.5), Decision.PROMOTE),  # better than ever
        ((2.8, 2.45 + ROOM - 0.001), Decision.PROMOTE),  # one seed decides nothing
        ((2.45, 2.8), Decision.PROMOTE),
        ((2.45 + ROOM + 0.001, 2.8), Decision.REJECT),
        ((2.8, 2.8), Decision.REJECT),  # no better than the incumbent
    ],
)
def test_a_build_from_source_may_be_off_by_three_sigma(
    losses: tuple[float, ...], expected: Decision
) -> None:
    assert answer(again(*losses)).decision is expected


def test_the_reason_names_the_value_and_nothing_else_changes() -> None:
    verdict = promotion()
    refused = GATE.replicate(CASE, verdict, again(2.8, 2.71))
    assert refused.reason == "built from source again, it only came to 2.71 bits/byte"
    assert replace(refused, decision=verdict.decision, reason=verdict.reason) == verdict
    assert GATE.replicate(CASE, verdict, again(2.45, 2.46)) == verdict


def test_a_challenger_noisier_than_the_calibration_gets_the_room_of_its_own_noise() -> None:
    noisy = (2.35, 2.55, 2.45, 2.40, 2.50, 2.45, 2.45)
    case = replace(CASE, pairs=pairs([2.8] * 7, noisy))
    verdict = replace(promotion(), reason="whatever")
    assert GATE.replicate(case, verdict, again(2.6, 2.6)).decision is Decision.PROMOTE
    assert GATE.replicate(CASE, verdict, again(2.6, 2.6)).decision is Decision.REJECT


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (FailureKind.CRASH, Decision.REJECT),
        (FailureKind.NON_FINITE, Decision.REJECT),
        (FailureKind.INVALID, Decision.VOID),
        (FailureKind.TRIPWIRE, Decision.VOID),
    ],
)
def test_a_build_that_fails_is_no_replication(kind: FailureKind, expected: Decision) -> None:
    refused = answer(again(2.45, None, failure=kind))
    assert refused.decision is expected
    assert refused.reason.startswith(f"built from source again, it failed: {kind}")


def test_an_absurd_value_is_a_failure() -> None:
    refused = answer(again(2.45, -1.7e308))
    assert refused.decision is Decision.REJECT
    assert "non_finite" in refused.reason


@pytest.mark.parametrize("trials", [again(2.45, None, failure=FailureKind.HOST), again(2.45), ()])
def test_without_a_replication_there_is_no_promotion(trials: tuple[Trial, ...]) -> None:
    """The host's trouble is not the challenger's fault; nor does it make up for evidence."""
    parked = answer(trials)
    assert parked.decision is Decision.UNDECIDED
    assert parked.reason.endswith("of 2 times: the host failed")


@pytest.mark.parametrize("value", [0.1, 0.7, 1.1, 2.8])
def test_values_that_are_all_alike_come_again(value: float) -> None:
    """The mean of equal values may be larger than each of them by rounding."""
    primary = replace(LOSS, direction="max")
    for n in (7, 9, 12):
        case = replace(CASE, primary=primary, pairs=pairs([value - 0.05] * n, [value] * n))
        case = replace(case, noise=Noise(sigma=0.0, n_values=7))
        assert answer(again(value, value), case).decision is Decision.PROMOTE
        short = again(value - 1e-9, value - 1e-9)
        assert answer(short, case).decision is Decision.REJECT


def test_without_any_noise_the_smallest_effect_is_the_room() -> None:
    primary = replace(LOSS, smallest_effect=0.1)
    case = replace(CASE, primary=primary, pairs=pairs([2.8] * 7, [2.45] * 7))
    case = replace(case, noise=Noise(sigma=0.0, n_values=7))
    assert answer(again(2.8, 2.549), case).decision is Decision.PROMOTE
    assert answer(again(2.8, 2.551), case).decision is Decision.REJECT


def test_a_build_that_fails_outweighs_one_that_came_again() -> None:
    """A bad build is bad luck; one that fails is code that fails."""
    for trials in ((*again(2.45), *again(None)), (*again(None), *again(2.45))):
        assert answer(trials).decision is Decision.REJECT


def test_more_builds_than_two_are_judged_by_the_best() -> None:
    assert answer(again(2.8, 2.8, 2.45)).decision is Decision.PROMOTE
    assert answer(again(2.8, 2.8, 2.8)).decision is Decision.REJECT


def test_one_bad_build_in_twenty_hardly_ever_costs_a_true_gain() -> None:
    """Of a thousand gains fewer than ten are lost; had both to come again it were ninety."""
    rng = np.random.default_rng(6)
    verdict, n_refused, n_with_a_bad_one = promotion(), 0, 0
    for _ in range(1000):
        is_bad = rng.random(9) < 0.05
        losses = 2.45 + 0.02 * rng.standard_normal(9) + 0.5 * is_bad
        case = replace(CASE, pairs=pairs([2.8] * 7, losses[:7].tolist()))
        n_with_a_bad_one += bool(is_bad[7:].any() and not is_bad[:7].any())
        trials = again(*losses[7:].tolist())
        n_refused += GATE.replicate(case, verdict, trials).decision is not Decision.PROMOTE
    assert n_refused < 10
    assert n_with_a_bad_one > 50


def test_luck_that_does_not_come_again_is_still_found_out() -> None:
    """No gain at all, but for the confirmation's seeds: both builds are as before."""
    rng = np.random.default_rng(7)
    for _ in range(100):
        trials = again(*(2.8 + 0.02 * rng.standard_normal(2)).tolist())
        assert answer(trials).decision is Decision.REJECT


def test_an_honest_gain_almost_always_comes_again() -> None:
    """Two builds a promotion, each within three sigma: some 0.5 % are refused."""
    rng = np.random.default_rng(2)
    verdict, n_refused = promotion(), 0
    for _ in range(400):
        case = replace(
            CASE, pairs=pairs([2.8] * 7, (2.45 + 0.02 * rng.standard_normal(7)).tolist())
        )
        trials = again(*(2.45 + 0.02 * rng.standard_normal(2)).tolist())
        n_refused += GATE.replicate(case, verdict, trials).decision is not Decision.PROMOTE
    assert n_refused <= 8


def test_what_is_only_not_worse_must_come_again_each_time() -> None:
    """Whoever drops a safeguard goes wrong now and then."""
    shorter = replace(CASE, margin=0.02)
    assert answer(again(1.0, 9.0)).decision is Decision.PROMOTE
    assert answer(again(1.0, 9.0), shorter).decision is Decision.REJECT
    assert answer(again(1.0, 1.0), shorter).decision is Decision.PROMOTE
