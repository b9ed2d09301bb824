import math
from dataclasses import replace

import pytest

from filial.core import Decision, FailureKind, Judged, Metric, Noise, Pair, Verdict
from filial.gates import Case, ConfirmationGate, Rule
from filial.gates.base import park
from filial.testing.gate_contract import LOSS, MEMORY, pairs, trial

GATE = ConfirmationGate()
SEVEN = Noise(sigma=0.04, n_values=7)
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.RECIPE,
    primary=LOSS,
    guards=(),
    noise=SEVEN,
    alpha=0.002,
)


def case_of(*gains: float, **changes: object) -> Case:
    evidence = pairs([0.0] * len(gains), [-gain for gain in gains])
    return replace(CASE, pairs=evidence, **changes)  # type: ignore[arg-type]


def judge(*gains: float, **changes: object) -> Verdict | None:
    return GATE.judge(case_of(*gains, **changes))


def decision(verdict: Verdict | None) -> Decision | None:
    return verdict.decision if verdict is not None else None


def test_a_large_gain_is_promoted_on_the_third_pair() -> None:
    """0.35 where sigma is 0.04 from seven A/A values, at the first e-LORD threshold."""
    assert 1 / GATE.alpha(()) == pytest.approx(500)
    assert judge(0.35) is None
    assert judge(0.35, 0.31) is None
    verdict = judge(0.35, 0.31, 0.39)
    assert verdict is not None
    assert verdict.decision is Decision.PROMOTE
    assert verdict.alpha == 0.002
    assert verdict.comparison is not None
    assert verdict.comparison.e_value > 500
    tau_squared = 0.35**2 - 0.04**2 / 3
    assert verdict.comparison.estimate == pytest.approx(0.35 / (1 + 0.04**2 / 3 / tau_squared))
    assert 0.28 < verdict.comparison.lower < 0.35 < verdict.comparison.upper < 0.42
    assert "0.348 bits/byte" in verdict.reason


def test_a_noisier_study_takes_a_fourth_pair() -> None:
    """The same gain where sigma is 0.10."""
    noise = Noise(sigma=0.10, n_values=7)
    assert judge(0.35, 0.25, 0.45, noise=noise) is None
    assert decision(judge(0.35, 0.25, 0.45, 0.38, noise=noise)) is Decision.PROMOTE


def test_without_calibration_a_steady_gain_takes_four_pairs() -> None:
    unknown = Noise(sigma=0.0, n_values=1)
    assert judge(0.35, noise=unknown) is None
    assert judge(0.35, 0.36, 0.34, noise=unknown) is None
    assert decision(judge(0.35, 0.36, 0.34, 0.35, noise=unknown)) is Decision.PROMOTE


def test_noise_that_is_exactly_zero_is_not_believed() -> None:
    assert judge(0.1, 0.1, 0.1, noise=Noise(sigma=0.0, n_values=8)) is None


def test_one_unlucky_incumbent_seed_decides_nothing() -> None:
    """Baseline seeds look like 2.78, 2.80, 2.82, 3.24; the calibration saw none of the last."""
    for noise in (SEVEN, Noise(sigma=0.04, n_values=20)):
        for gains in ((0.46, 0.02, 0.04), (0.02, 0.04, 0.9), (0.46, 0.05, 0.05, 0.04)):
            assert decision(judge(*gains, noise=noise)) is not Decision.PROMOTE
        # Nor does it spoil a real gain.
        assert judge(0.35, 0.36, 0.79, noise=noise) is None
        rest = (0.33, 0.38, 0.34, 0.36, 0.31, 0.35)
        assert decision(judge(0.35, 0.36, 0.79, *rest, noise=noise)) is Decision.PROMOTE


def test_pairs_that_spread_more_than_the_calibration_speak_for_themselves() -> None:
    gains = (0.10, 0.50, 0.30, 0.20)
    calm = judge(*(0.275 + 0.1 * (g - 0.275) for g in gains))
    assert decision(calm) is Decision.PROMOTE
    assert decision(judge(*gains)) is not Decision.PROMOTE


def test_known_noise_with_twenty_values() -> None:
    known = Noise(sigma=0.04, n_values=20)
    assert decision(judge(0.15, 0.16, 0.17, noise=known)) is Decision.PROMOTE
    assert judge(0.12, 0.11, 0.10, noise=known) is None


def test_no_prospect_is_rejected_early() -> None:
    verdict = judge(-0.01, 0.01)
    assert verdict is not None
    assert verdict.decision is Decision.REJECT
    assert "no prospect" in verdict.reason
    assert verdict.alpha == 0.002


def test_equal_trials_are_rejected_with_or_without_calibration() -> None:
    assert decision(judge(0.0)) is Decision.REJECT
    unknown = Noise(sigma=0.0, n_values=0)
    assert judge(0.0, noise=unknown) is None
    verdict = judge(0.0, 0.0, 0.0, noise=unknown)
    assert verdict is not None
    assert verdict.decision is Decision.REJECT


def test_equal_trials_are_called_no_difference() -> None:
    """Where a threshold of 1 leaves futility nothing to say."""
    verdict = judge(0.0, 0.0, 0.0, noise=Noise(sigma=0.0, n_values=0), alpha=1.0)
    assert verdict is not None
    assert "no difference" in verdict.reason


def test_in_the_end_it_is_undecided() -> None:
    gains = (0.09, 0.04) * 5
    assert judge(*gains[:9], alpha=1e-4) is None
    verdict = judge(*gains[:9], 0.01, alpha=1e-4)
    assert verdict is not None
    assert verdict.decision is Decision.UNDECIDED
    assert "10 pairs" in verdict.reason
    assert verdict.comparison is not None


def test_a_gain_below_the_smallest_effect_is_not_promoted() -> None:
    wanted = replace(LOSS, smallest_effect=0.5)
    gains = (0.35, 0.31, 0.39, 0.36, 0.33, 0.35, 0.31, 0.39, 0.36, 0.33)
    assert judge(*gains[:9], primary=wanted) is None
    assert decision(judge(*gains, primary=wanted)) is Decision.UNDECIDED


def test_an_alpha_of_zero_promotes_nothing() -> None:
    assert decision(judge(0.35, 0.31, 0.39, alpha=0.0)) is Decision.REJECT


def test_a_pair_the_incumbent_failed_is_no_gain_but_counts() -> None:
    evidence = case_of(0.35, 0.31, 0.39).pairs
    lost = Pair(incumbent=trial("old", None), challenger=trial("new", -0.35))
    assert GATE.judge(replace(CASE, pairs=(evidence[0], lost, evidence[1]))) is None
    full = (evidence[0], evidence[1], *[lost] * 8)
    verdict = GATE.judge(replace(CASE, pairs=full))
    assert verdict is not None
    assert verdict.decision is Decision.UNDECIDED
    assert verdict.comparison is not None
    assert len(verdict.comparison.differences) == 2


def guarded(*memories: float, tolerance: float = 10.0) -> Verdict | None:
    evidence = tuple(
        Pair(
            incumbent=trial("old", 2.8, k=k),
            challenger=trial("new", 2.45 + 0.01 * (k % 2), k=k, memory=memory),
        )
        for k, memory in enumerate(memories)
    )
    guard = replace(MEMORY, tolerance=tolerance)
    return GATE.judge(replace(CASE, guards=(guard,), pairs=evidence))


@pytest.mark.parametrize(
    ("memories", "tolerance", "expected"),
    [
        ((104, 104, 104), 10, Decision.PROMOTE),  # steady, within
        ((110, 110, 110), 10, Decision.PROMOTE),  # exactly at the tolerance
        ((90, 120, 100), 10, None),  # within on average, but not shown to be
        ((120, 121), 10, Decision.REJECT),  # shown to be beyond
        ((100, 100, 100), 0, Decision.PROMOTE),
        ((101, 101), 0, Decision.REJECT),  # any steady harm
        ((99, 102, 100), 0, Decision.PROMOTE),  # harm within noise
    ],
)
def test_guards(memories: tuple[float, ...], tolerance: float, expected: Decision | None) -> None:
    verdict = guarded(*memories, tolerance=tolerance)
    assert decision(verdict) is expected
    if verdict is not None:
        assert [check.metric for check in verdict.guards] == ["memory"]
        assert verdict.guards[0].holds == (expected is Decision.PROMOTE)


def test_the_harm_is_the_upper_bound_worked_by_hand() -> None:
    verdict = guarded(101, 102, 103)
    assert verdict is not None
    assert verdict.guards[0].harm == pytest.approx(2 + 2.919986 / math.sqrt(3))


def test_noise_is_root_two_times_the_spread_of_single_values() -> None:
    trials = (trial("old", 1.0), trial("old", 3.0), trial("old", None))
    noise = GATE.noise(LOSS, trials)
    assert noise.sigma == pytest.approx(2.0)
    assert noise.n_values == 2
    assert GATE.noise(LOSS, trials[:1]) == Noise(sigma=0.0, n_values=1)
    assert GATE.noise(LOSS, (trial("old", 0.1),) * 3) == Noise(sigma=0.0, n_values=3)


@pytest.mark.parametrize(
    ("gain", "noise", "passes"),
    [
        (0.041, SEVEN, True),
        (0.039, SEVEN, False),
        (0.001, Noise(sigma=0.0, n_values=0), True),
        (0.0, Noise(sigma=0.0, n_values=0), False),
        (0.001, Noise(sigma=0.0, n_values=9), True),
    ],
)
def test_the_screen_wants_one_sigma(gain: float, noise: Noise, passes: bool) -> None:
    case = replace(CASE, noise=noise)
    verdict = GATE.screen(case, trial("old", 0.0), trial("new", -gain))
    assert (verdict is None) == passes


def test_the_screen_leaves_guards_without_tolerance_to_the_confirmation() -> None:
    case = replace(CASE, guards=(replace(MEMORY, tolerance=0.0),))
    assert GATE.screen(case, trial("old", 2.8), trial("new", 2.0, memory=100.1)) is None


def test_the_screen_lets_a_failed_incumbent_pass() -> None:
    assert GATE.screen(CASE, trial("old", None), trial("new", 2.0)) is None


def test_a_value_nobody_can_reckon_with_does_not_win_by_overflow() -> None:
    """Neither the difference nor its square is a float."""
    accuracy = Metric("loss", direction="max")
    absurd = replace(CASE, primary=accuracy, pairs=pairs([-1.7e308] * 4, [1.7e308] * 4))
    verdict = GATE.judge(absurd)
    assert verdict is not None
    assert (verdict.decision, verdict.reason) == (Decision.REJECT, "non_finite: loss is 1.7e+308")
    screened = GATE.screen(CASE, trial("old", 2.8), trial("new", 2.0, memory=-1.7e308))
    assert decision(screened) is Decision.REJECT


def test_salami_slices_do_not_add_up() -> None:
    """Each step costs half the tolerance against the incumbent: harmless, but not for ever."""
    gains, baseline = [0.35, 0.31, 0.39], {"memory": (100.0, 100.5, 99.5, 100.2)}
    answers = []
    for step in range(1, 6):
        before, after = 100.0 + 5 * (step - 1), 100.0 + 5 * step
        slices = tuple(
            Pair(
                incumbent=trial("old", 0.0, k=k, memory=before + wobble),
                challenger=trial("new", -gain, k=k, memory=after + wobble),
            )
            for k, (gain, wobble) in enumerate(zip(gains, (0.1, -0.2, 0.3), strict=True))
        )
        case = replace(CASE, guards=(MEMORY,), pairs=slices)
        assert decision(GATE.judge(case)) is Decision.PROMOTE
        answers.append(GATE.judge(replace(case, baseline=baseline)))
    assert [decision(answer) for answer in answers] == [Decision.PROMOTE] * 2 + [
        Decision.REJECT
    ] * 3
    last = answers[-1]
    assert last is not None
    assert last.reason == "memory is worse since F0 than its tolerance allows"
    (check,) = last.guards
    assert check.harm < MEMORY.tolerance < (check.since_f0 or 0.0) < 25.0
    assert not check.holds


def test_noise_since_f0_is_not_harm() -> None:
    noisy = {"memory": (60.0, 140.0, 100.0)}
    pair = tuple(
        Pair(
            incumbent=trial("old", 0.0, k=k),
            challenger=trial("new", -gain, k=k, memory=100.0 + k),
        )
        for k, gain in enumerate((0.35, 0.31, 0.39))
    )
    case = replace(CASE, guards=(MEMORY,), pairs=pair)
    for baseline in (noisy, {"memory": (50.0,)}, {}):
        assert decision(GATE.judge(replace(case, baseline=baseline))) is Decision.PROMOTE


def test_an_absurd_incumbent_makes_nobody_look_good() -> None:
    """Its pairs count as failed, and so do its A/A trials."""
    verdict = GATE.judge(replace(CASE, pairs=pairs([1.7e308] * 10, [2.0] * 10)))
    assert decision(verdict) is Decision.UNDECIDED
    assert GATE.screen(CASE, trial("old", 1.7e308), trial("new", 2.0)) is None
    trials = tuple(trial("old", loss) for loss in (1.7e308, 2.0, -1.7e308, 2.0))
    assert GATE.noise(LOSS, trials) == Noise(sigma=0.0, n_values=2)


def test_large_differences_stay_finite() -> None:
    verdict = judge(*[1e100] * 4, noise=Noise(sigma=0.0, n_values=0))
    assert verdict is not None
    assert verdict.comparison is not None
    assert math.isfinite(verdict.comparison.e_value)


def test_alphas_follow_e_lord() -> None:
    verdict = judge(0.35, 0.31, 0.39)
    assert verdict is not None
    assert GATE.alpha((verdict,)) == pytest.approx(0.02 * 0.098 * 2)
    parked = replace(verdict, decision=Decision.UNDECIDED)
    assert GATE.alpha((parked,)) == pytest.approx(0.02 * 0.098)
    assert ConfirmationGate(Rule(fdr=0.05)).alpha(()) == pytest.approx(0.001)


def test_a_failure_in_confirmation_keeps_its_alpha() -> None:
    lost = Pair(
        incumbent=trial("old", 2.8), challenger=trial("new", None, failure=FailureKind.INVALID)
    )
    verdict = GATE.judge(replace(CASE, pairs=(lost,)))
    assert verdict is not None
    assert (verdict.decision, verdict.alpha) == (Decision.VOID, 0.002)


def test_a_parked_case_is_undecided_and_spends_nothing() -> None:
    verdict = park(CASE, GATE.policy)
    assert (verdict.decision, verdict.alpha) == (Decision.UNDECIDED, 0.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rule(fdr=0.0),
        lambda: Rule(min_pairs=1),
        lambda: Rule(min_pairs=11),
        lambda: Rule(screen_sigmas=-1.0),
        lambda: Rule(fixed_sigma_from=1),
        lambda: Rule(inflation=0.9),
        lambda: Rule(spread_ratio=0.5),
    ],
)
def test_numbers_out_of_range_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match="out of its range"):
        make()  # type: ignore[operator]
