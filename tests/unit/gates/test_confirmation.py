import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from filial import stats
from filial.core import Decision, FailureKind, Judged, Metric, Noise, Pair, Verdict
from filial.gates import Case, ConfirmationGate, Rule, rule
from filial.gates.base import park
from filial.stats import pooled_sd
from filial.testing.gate_contract import LOSS, MEMORY, pairs, trial

GATE = ConfirmationGate()
SEVEN = Noise(sigma=0.04, n_values=7)
FIRST = 0.0005  # alpha before the first promotion of a study
WOBBLE = tuple(k / 100 for k in (0, 4, -4, 1, -2, 3, 0, 2, -3, 1, 2, -1, 0, 3, -2, 1))
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


def first(gains: Sequence[float], **changes: object) -> tuple[Verdict, int]:
    """The first verdict and the number of pairs it took."""
    for n in range(1, len(gains) + 1):
        verdict = judge(*gains[:n], **changes)
        if verdict is not None:
            return verdict, n
    raise AssertionError("the gate must decide on these pairs")


def around(gain: float, scale: float = 1.0) -> list[float]:
    """Sixteen gains around ``gain``; at scale 1 they spread by 0.024."""
    return [gain + scale * wobble for wobble in WOBBLE]


def test_a_clear_gain_is_the_first_promotion_on_the_eighth_pair() -> None:
    """0.35 where sigma is 0.04 from seven A/A values, at the first e-LORD threshold.

    Seven of seven values a side, in perfect order, have C(14, 7) = 3432 orders, mixed with others
    that is less than 2000; C(16, 8) = 12870 is enough.
    """
    assert 1 / GATE.alpha(()) == pytest.approx(2000)
    verdict, n = first(around(0.35), alpha=GATE.alpha(()))
    assert n == 8
    assert verdict.decision is Decision.PROMOTE
    assert verdict.alpha == pytest.approx(FIRST)
    found = verdict.comparison
    assert found is not None
    assert 2000 <= found.e_value < 12870
    mean = sum(found.differences) / 8
    sigma, _ = pooled_sd(found.differences, prior_ss=6 * 0.04**2, prior_dof=6)
    tau_squared = mean**2 - sigma**2 / 8
    assert found.estimate == pytest.approx(mean / (1 + sigma**2 / 8 / tau_squared))
    assert 0.32 < found.lower < mean < found.upper < 0.39
    assert verdict.reason == "gain 0.355 bits/byte, E = 3.73e+03 after 8 pairs"


THRESHOLDS = pytest.mark.parametrize(("alpha", "n_pairs"), [(FIRST, 8), (0.002, 7)])


@THRESHOLDS
@pytest.mark.parametrize(
    "noise",
    [
        Noise(sigma=0.10, n_values=7),  # a noisier study
        Noise(sigma=0.04, n_values=20),
        Noise(sigma=0.0, n_values=1),  # no calibration
        Noise(sigma=0.0, n_values=8),  # noise that is exactly zero is not believed
    ],
)
def test_in_perfect_order_the_calibration_does_not_matter(
    noise: Noise, alpha: float, n_pairs: int
) -> None:
    verdict, n = first(around(0.35), noise=noise, alpha=alpha)
    assert (verdict.decision, n) == (Decision.PROMOTE, n_pairs)


@THRESHOLDS
def test_no_number_of_sigmas_is_promoted_on_fewer_pairs(alpha: float, n_pairs: int) -> None:
    """Neither a mean beyond all doubt nor a spread of nothing makes up for the order of trials."""
    for gains in ([1e6] * 16, [0.35] * 16, around(50.0)):
        verdict, n = first(gains, alpha=alpha)
        assert (verdict.decision, n) == (Decision.PROMOTE, n_pairs)


def test_after_the_first_promotion_a_clear_gain_takes_fewer_pairs() -> None:
    """The rest of the budget is there then, and each promotion earns as much again."""
    history: list[Verdict] = []
    used = []
    for _ in range(4):
        verdict, n = first(around(0.35), alpha=GATE.alpha(tuple(history)))
        history.append(verdict)
        used.append(n)
    assert used == [8, 6, 6, 6]


@pytest.mark.parametrize(("gain", "n_pairs"), [(0.06, 8), (0.05, 11), (0.04, 14)])
def test_the_smaller_the_gain_the_more_pairs(gain: float, n_pairs: int) -> None:
    """Where sigma is 0.04 from twenty values."""
    verdict, n = first(around(gain), noise=Noise(sigma=0.04, n_values=20))
    assert (verdict.decision, n) == (Decision.PROMOTE, n_pairs)


def test_a_gain_of_less_than_a_sigma_is_not_found_in_sixteen_pairs() -> None:
    verdict, n = first(around(0.03), noise=Noise(sigma=0.04, n_values=20))
    assert (verdict.decision, n) == (Decision.REJECT, 10)


def test_one_unlucky_incumbent_seed_decides_nothing() -> None:
    """Baseline seeds look like 2.78, 2.80, 2.82, 3.24; the calibration saw none of the last."""
    for noise in (SEVEN, Noise(sigma=0.04, n_values=20)):
        for unlucky in range(7):
            gains = [0.02, 0.04, 0.02, 0.05, -0.01, 0.03, 0.01]
            gains[unlucky] += 0.44
            verdict = judge(*gains, noise=noise)
            assert decision(verdict) is not Decision.PROMOTE
        # Nor does it spoil a real gain.
        gains = around(0.35)
        gains[2] = 0.79
        verdict, n = first(gains, noise=noise)
        assert verdict.decision is Decision.PROMOTE
        assert n <= 9


def test_one_lucky_incumbent_seed_does_not_spoil_a_gain() -> None:
    """It makes one pair look like a disaster; a gain of the others is still found."""
    lucky = [2.80, 2.78, 2.36, *[2.80 + wobble for wobble in WOBBLE[3:]]]
    evidence = pairs(lucky, [2.45 + wobble for wobble in WOBBLE])
    answers = [GATE.judge(replace(CASE, pairs=evidence[:n])) for n in range(1, 17)]
    decisions = [decision(answer) for answer in answers]
    assert Decision.REJECT not in decisions[: decisions.index(Decision.PROMOTE)]


def test_the_first_pair_is_too_little_to_give_up_on_if_it_is_an_outlier() -> None:
    """The incumbent was lucky, or the challenger is bad: the second pair tells."""
    assert judge(-0.13) is None
    assert decision(judge(-0.13, 0.35)) is None
    assert decision(judge(-0.13, -0.12)) is Decision.REJECT
    assert decision(judge(-0.11)) is Decision.REJECT


def test_pairs_that_spread_more_than_the_calibration_speak_for_themselves() -> None:
    gains = (0.10, 0.50, 0.30, 0.20) * 4
    calm, n_calm = first([0.275 + 0.1 * (gain - 0.275) for gain in gains])
    wide, n_wide = first(gains)
    assert (calm.decision, n_calm) == (Decision.PROMOTE, 7)
    assert (wide.decision, n_wide) == (Decision.PROMOTE, 11)


def test_no_prospect_is_rejected_early() -> None:
    verdict = judge(-0.01, 0.01)
    assert verdict is not None
    assert verdict.decision is Decision.REJECT
    assert "no prospect" in verdict.reason
    assert verdict.alpha == 0.002


def test_equal_trials_are_rejected_with_or_without_calibration() -> None:
    assert judge(0.0) is None
    assert decision(judge(0.0, 0.0)) is Decision.REJECT
    unknown = Noise(sigma=0.0, n_values=0)
    assert judge(0.0, noise=unknown) is None
    assert decision(judge(0.0, 0.0, noise=unknown)) is Decision.REJECT
    assert decision(judge(0.0, 0.0, 0.0, noise=unknown)) is Decision.REJECT


def test_equal_trials_are_called_no_difference() -> None:
    """Where a threshold of 1 leaves futility nothing to say."""
    verdict = judge(0.0, 0.0, 0.0, noise=Noise(sigma=0.0, n_values=0), alpha=1.0)
    assert verdict is not None
    assert "no difference" in verdict.reason


def sharing(gains: Sequence[float]) -> tuple[Pair, ...]:
    """Pairs of so much gain whose sides share far more luck than that."""
    luck = [k % 5 - 0.3 * k for k in range(len(gains))]
    return pairs(luck, [value - gain for value, gain in zip(luck, gains, strict=True)])


def test_pairs_that_share_their_luck_are_judged_by_signs() -> None:
    """All values in one order say little; thirteen gains in a row are enough.

    Their sign process comes to 2^13, a sixth of it at least from the boldest stake; a fifth of
    that counts.
    """
    evidence = sharing(around(0.35))
    answers = [GATE.judge(replace(CASE, pairs=evidence[:n])) for n in range(1, 17)]
    assert answers[:11] == [None] * 11
    assert decision(answers[12]) is Decision.PROMOTE


def test_in_the_end_it_is_undecided_and_may_get_more_pairs() -> None:
    """The same at a threshold of 10,000, which sixteen signs alone never reach."""
    evidence = sharing([*around(0.35), *around(0.35)])
    case = replace(CASE, alpha=1e-4)
    assert GATE.judge(replace(case, pairs=evidence[:15])) is None
    parked = GATE.judge(replace(case, pairs=evidence[:16]))
    assert parked is not None
    assert parked.decision is Decision.UNDECIDED
    assert parked.reason == "not enough evidence after 16 pairs"
    assert parked.comparison is not None
    n_more = GATE.more_pairs(replace(case, pairs=evidence[:16]))
    assert n_more == 8
    verdict = GATE.judge(replace(case, pairs=evidence[:17], n_bought=n_more))
    assert decision(verdict) is Decision.PROMOTE


def test_more_pairs_are_bought_twice_at_most() -> None:
    case = replace(CASE, pairs=sharing(around(0.35)), alpha=1e-4)
    bought = [GATE.more_pairs(replace(case, n_bought=n)) for n in (0, 8, 16)]
    assert bought == [8, 8, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"pairs": ()},
        {"alpha": 0.0},  # nothing is ever enough
        {"alpha": 0.9},  # it is proven: only a guard can be open
        {"pairs": sharing(around(0.01))},  # a gain that would not be proven
        {"primary": replace(LOSS, smallest_effect=0.5)},  # one that is not worth having
    ],
)
def test_more_pairs_are_for_gains_that_they_would_prove(changes: dict[str, object]) -> None:
    case = replace(CASE, pairs=sharing(around(0.35)), alpha=1e-4)
    assert GATE.more_pairs(case) == 8
    assert GATE.more_pairs(replace(case, **changes)) == 0  # type: ignore[arg-type]


def test_a_gain_below_the_smallest_effect_is_not_promoted() -> None:
    wanted = replace(LOSS, smallest_effect=0.5)
    verdict, n = first(around(0.35), primary=wanted)
    assert (verdict.decision, n) == (Decision.UNDECIDED, 16)
    assert "not enough evidence" not in verdict.reason
    assert "is too little" in verdict.reason


def test_an_alpha_of_zero_promotes_nothing() -> None:
    assert decision(judge(0.35, 0.31, 0.39, alpha=0.0)) is Decision.REJECT


def test_a_pair_the_incumbent_failed_is_no_gain_but_counts() -> None:
    evidence = case_of(*around(0.35)).pairs
    lost = Pair(incumbent=trial("old", None), challenger=trial("new", -0.35))
    assert GATE.judge(replace(CASE, pairs=(*evidence[:6], lost))) is None
    eighth = GATE.judge(replace(CASE, pairs=(*evidence[:6], lost, evidence[6])))
    assert decision(eighth) is Decision.PROMOTE
    full = (evidence[0], evidence[1], *[lost] * 14)
    verdict = GATE.judge(replace(CASE, pairs=full))
    assert verdict is not None
    assert verdict.decision is Decision.UNDECIDED
    assert verdict.comparison is not None
    assert len(verdict.comparison.differences) == 2


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


@pytest.mark.parametrize(
    ("sigmas", "noise", "gain", "reason"),
    [
        (1.0, SEVEN, 0.01, "gain 0.01 bits/byte on the dev pair, below 0.04 bits/byte"),
        (0.0, SEVEN, 0.0, "gain 0 bits/byte on the dev pair, not above 0"),
        (
            1.0,
            Noise(sigma=0.0, n_values=9),
            -0.1,
            "gain -0.1 bits/byte on the dev pair, not above 0",
        ),
    ],
)
def test_the_screen_says_what_it_wanted(
    sigmas: float, noise: Noise, gain: float, reason: str
) -> None:
    gate = ConfirmationGate(Rule(screen_sigmas=sigmas))
    verdict = gate.screen(replace(CASE, noise=noise), trial("old", 0.0), trial("new", -gain))
    assert verdict is not None
    assert verdict.reason == reason


def test_a_screen_of_no_sigmas_still_wants_a_gain() -> None:
    gate = ConfirmationGate(Rule(screen_sigmas=0.0))
    assert gate.screen(CASE, trial("old", 0.0), trial("new", -1e-6)) is None


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


def test_an_absurd_incumbent_makes_nobody_look_good() -> None:
    """Its pairs count as failed, and so do its A/A trials."""
    verdict = GATE.judge(replace(CASE, pairs=pairs([1.7e308] * 16, [2.0] * 16)))
    assert decision(verdict) is Decision.UNDECIDED
    assert GATE.screen(CASE, trial("old", 1.7e308), trial("new", 2.0)) is None
    trials = tuple(trial("old", loss) for loss in (1.7e308, 2.0, -1.7e308, 2.0))
    assert GATE.noise(LOSS, trials) == Noise(sigma=0.0, n_values=2)


def test_large_differences_stay_finite() -> None:
    verdict = judge(*[1e100] * 7, noise=Noise(sigma=0.0, n_values=0))
    assert verdict is not None
    assert verdict.comparison is not None
    assert math.isfinite(verdict.comparison.e_value)


FIXED = sorted(name for name in vars(rule) if name.isupper())


@pytest.mark.parametrize("name", FIXED)
def test_every_fixed_number_is_in_the_policy(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(getattr(rule, name), int | float)
    monkeypatch.setattr(rule, name, getattr(rule, name) + 1)
    assert ConfirmationGate().policy != GATE.policy


@pytest.mark.parametrize("name", ["OMEGA", "START", "TAU_SIGMAS", "DELTAS", "ODDS", "STAKES"])
def test_every_number_of_the_statistics_is_in_the_policy(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = getattr(stats, name)
    other = (*value[:-1], 99.0) if isinstance(value, tuple) else value + 1
    monkeypatch.setattr(stats, name, other)
    assert ConfirmationGate().policy != GATE.policy


def test_alphas_follow_e_lord() -> None:
    verdict, _ = first(around(0.35), alpha=FIRST)
    assert GATE.alpha((verdict,)) == pytest.approx(0.02 * 0.0995 * 2)
    parked = replace(verdict, decision=Decision.UNDECIDED)
    assert GATE.alpha((parked,)) == pytest.approx(0.02 * 0.0245)
    assert ConfirmationGate(Rule(fdr=0.05)).alpha(()) == pytest.approx(0.00025)


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
        lambda: Rule(min_pairs=17),
        lambda: Rule(screen_sigmas=-1.0),
        lambda: Rule(spread_ratio=0.5),
    ],
)
def test_numbers_out_of_range_are_refused(make: object) -> None:
    with pytest.raises(ValueError, match="out of its range"):
        make()  # type: ignore[operator]
