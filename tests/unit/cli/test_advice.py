"""A plan in plain sentences: what it says when."""

from dataclasses import replace

import pytest

from filial.cli.advice import advice, answer, number
from filial.core import Judged, Noise
from filial.forecast import Chances
from filial.planning import Plan
from filial.purse import Costs, Purse
from filial.reach import Patience, Reach


def chances(gain: float, proven: float) -> Chances:
    return Chances(
        gain=gain, sigmas=gain / 0.02, passes=0.9, proven=proven, promoted=proven, pairs=9.0
    )


REACH = Reach(
    sigma_range=(0.01, 0.06),
    n_items=0,
    chances=(chances(0.0, 0.0), chances(0.01, 0.04), chances(0.03, 0.9)),
    detectable=0.03,
    detectable_range=(0.016, 0.09),
    unhurried=None,
    is_in_reach=False,
    patience=Patience(max_pairs=70, proven=0.99, proven_at_worst=0.82),
    unscreened=(
        replace(chances(0.01, 0.05), passes=0.95),
        replace(chances(0.0, 0.0), passes=0.5, pairs=3.4),
    ),
    habit=0.046,
)
PLAN = Plan(
    metric="loss",
    unit="bits",
    judged=Judged.RECIPE,
    value=2.0,
    room=None,
    smallest_effect=0.01,
    noise=Noise(sigma=0.02, n_values=6),
    n_trials=6,
    n_failed=0,
    is_recorded=False,
    workers=2,
    threshold=500.0,
    max_pairs=16,
    screen_sigmas=1.0,
    n_affordable=100,
    n_refused=0,
    n_proposals=0,
    costs=Costs(
        wall_s=20.0,
        wall_range_s=(19.0, 22.0),
        cpu_s=20.0,
        cpu_range_s=(19.0, 21.0),
        trials_per_hour=360.0,
    ),
    purse=Purse(
        limit="wall_s",
        left=28_800.0,
        n_trials=2880,
        wall_s=28_800.0,
        n_calibration=40,
        n_audit=41,
        n_proposals=1500,
        n_candidates=1500,
        n_treatment=1170,
        n_confirmed=240,
        pairs=2.6,
        gain_trials=29.0,
        gain_fits=True,
        raised={},
    ),
    reach=REACH,
    n_steady=7,
)


def said(plan: Plan) -> str:
    return " ".join(answer(plan))


def with_reach(plan: Plan = PLAN, **changes: object) -> Plan:
    return replace(plan, reach=replace(REACH, **changes))  # type: ignore[arg-type]


def with_purse(plan: Plan = PLAN, **changes: object) -> Plan:
    return replace(plan, purse=replace(plan.purse, **changes))  # type: ignore[arg-type]


def test_what_can_be_detected() -> None:
    """The headline is about all candidates, not only those past the screen."""
    text = said(PLAN)
    assert text.startswith(
        "With this budget you can detect gains in loss of 0.030 bits or more: four in five "
        "candidates that gain so much are promoted. 90 % of them get past the screen, and of "
        "these 90 % are promoted within 16 pairs of trials (gate.max_pairs)."
    )
    assert "you could detect 0.016 bits, at the upper end 0.090 bits." in text
    assert "a t-test on 3 seeds a side finds gains of 0.046 bits or more" in text


def test_noise_at_which_nothing_would_be_detected() -> None:
    assert "0.016 bits, at the upper end none at all." in said(
        with_reach(detectable_range=(0.016, None))
    )


def test_the_ceiling_that_ends_the_study() -> None:
    assert (
        "budget.wall (8 h of wall clock left) ends the study first, after about 2,880 trials, 40 "
        "of them for calibration. It pays for about 1,500 candidates that gain nothing, as nearly "
        "all do; 330 of them are placebos, canaries or of the control arm, which are never "
        "promoted. 240 candidates are confirmed by chance, with 2.6 pairs each. A promotion takes "
        "29 trials, from the screen to what follows it."
    ) in said(PLAN)
    by_cpu = said(with_purse(limit="cpu_s", left=7200.0, wall_s=3600.0))
    assert "budget.cpu (2 h of CPU time left) ends the study first" in by_cpu
    assert "for calibration, in 1 h with 2 workers." in by_cpu


def test_a_ceiling_on_proposals_counts_duplicates() -> None:
    text = said(with_purse(limit="candidates", left=60, n_proposals=60, n_candidates=60))
    assert "budget.candidates (60 proposals left) ends the study first" in text
    assert "It pays for at most 60 candidates" in text
    assert "Duplicates are refused before any trial, but are proposals, too" in text
    assert "Duplicates" not in said(PLAN)  # there they cost nothing


def test_what_became_of_proposals_so_far() -> None:
    ran = replace(PLAN, n_refused=28, n_proposals=60)
    text = said(with_purse(ran, n_proposals=1500, n_candidates=800, n_treatment=800))
    assert "Of 1,500 proposals 800 are tried" in text
    assert "(of the 60 so far 28 were refused before any trial, most often as duplicates)" in text
    assert "240 candidates are confirmed as often as so far, with 2.6 pairs each." in text
    assert "placebos" not in text


def test_a_budget_that_is_used_up() -> None:
    text = said(with_purse(limit="candidates", left=0, n_candidates=0))
    assert text.startswith("A larger budget could detect gains in loss of 0.030 bits")
    assert "used up: budget.candidates (0 proposals left) does not pay for a single" in text
    assert "It pays for" not in text


def test_a_budget_that_sees_no_gain_through() -> None:
    assert "what follows it, more than the budget pays for." in said(with_purse(gain_fits=False))
    assert "more than the budget" not in said(PLAN)


def test_no_budget() -> None:
    free = with_purse(
        limit=None,
        left=None,
        n_trials=None,
        wall_s=None,
        n_proposals=None,
        n_candidates=None,
        n_treatment=None,
        n_confirmed=None,
        gain_trials=None,
        gain_fits=None,
    )
    text = said(replace(free, n_affordable=None))
    assert text.startswith("You can detect")
    assert "There is no budget" in text


def test_out_of_reach_and_what_helps() -> None:
    assert (
        "The smallest gain worth having, 0.010 bits (smallest_effect in the exam), is out of "
        "reach: 90 % of the candidates that gain so much get past the screen, and 4.0 % of these "
        "are proven to be better; in all 3.6 % are. What would help, in study.toml or the exam:"
    ) in said(PLAN)
    more, wider, less, larger = advice(PLAN)
    assert more == (
        "more pairs, of two trials each: gate.max_pairs = 70 instead of 16 proves 99 % of those "
        "past the screen, and 82 % even if sigma is 0.060 bits, the upper end of its interval"
    )
    assert wider == (
        "a wider screen: gate.screen_sigmas = 0 instead of 1 lets 95 % of them past it instead of "
        "90 %, but of those that gain nothing 50 % instead of 90 %, at 3.4 pairs each"
    )
    assert less.startswith("less noise: sigma of 0.0067 bits, with a longer build (build.cpu_s)")
    assert "about 9.0 times as many items in the exam (81 times at the upper end of sigma)" in less
    assert larger == (
        "a larger goal: smallest_effect = 0.030 in the exam, or 0.090 to be safe at the upper end "
        "of sigma"
    )


def test_advice_that_may_not_hold_says_so() -> None:
    unsure = with_reach(patience=Patience(max_pairs=40, proven=0.83, proven_at_worst=0.05))
    more, *_ = advice(unsure)
    assert more.endswith(
        "proves 83 % of those past the screen if sigma is as measured, but 5.0 % if it is 0.060 "
        "bits, the upper end of its interval; filial plan --trials 20 would tell better"
    )
    (recorded, *_) = advice(replace(unsure, is_recorded=True))
    assert recorded.endswith("the upper end of its interval")


def test_advice_on_items_that_are_counted_knows_no_sigma() -> None:
    counted = replace(
        with_reach(n_items=50, detectable_range=None), judged=Judged.ARTIFACT, max_pairs=16
    )
    assert "sigma is" not in " ".join(advice(counted))


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        ({"trials": 152.2}, "budget.trials = 153 sees"),
        ({"wall_s": 100.2}, 'budget.wall = "101s" sees'),
        ({"wall_s": 1081.0, "cpu_s": 36_001.0}, 'budget.wall = "19m" and budget.cpu = "11h" sees'),
    ],
)
def test_a_budget_for_more_pairs(raised: dict[str, float], words: str) -> None:
    _, larger, *_ = advice(with_purse(raised=raised))
    assert larger == f"a larger budget: {words} one challenger through 70 pairs"


def test_within_reach() -> None:
    easy = with_reach(is_in_reach=True)
    assert "is within reach" in said(easy)
    assert "What would help" not in said(easy)
    assert list(advice(easy)) == []


def test_a_budget_of_too_few_pairs() -> None:
    poor = replace(with_reach(detectable=None, unhurried=0.03, patience=None), n_affordable=5)
    poor = with_purse(poor, raised={"trials": 60.0})
    assert said(poor).startswith("Nothing can be detected: the 5 pairs that the budget pays for")
    first, *others = advice(poor)
    assert first == (
        "a larger budget: budget.trials = 60 sees one challenger through 16 pairs, and then gains "
        "of 0.030 bits or more can be detected"
    )
    assert others[-1].startswith("a larger goal: smallest_effect = 0.030")


def test_a_gate_of_too_few_pairs() -> None:
    blind = with_reach(detectable=None, patience=None, unscreened=None)
    assert "Nothing can be detected: 16 pairs of trials" in said(blind)
    assert list(advice(blind)) == [
        "more pairs: gate.max_pairs = 16 does not prove even large gains"
    ]


def test_nothing_declared() -> None:
    open_ended = replace(
        with_reach(is_in_reach=None, patience=None, unscreened=None), smallest_effect=0.0
    )
    assert "No smallest_effect is declared" in said(open_ended)
    assert list(advice(open_ended)) == []


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        (Judged.CONSTRUCTION, "there is no noise, and a gain of at least 0.010 bits is found"),
        (
            Judged.ARTIFACT,
            "the exam left nothing to chance. A gain that never varies is proven in",
        ),
        (Judged.RECIPE, "does the build use FILIAL_SEED?"),
    ],
)
def test_no_noise(judged: Judged, words: str) -> None:
    silent = replace(PLAN, judged=judged, reach=None)
    assert words in said(silent)
    assert list(advice(silent)) == []


def test_unknown_noise() -> None:
    blind = replace(PLAN, reach=None, noise=Noise(sigma=0.0, n_values=1))
    assert said(blind).startswith("The noise is unknown")


def test_steady_gains_that_a_gate_cannot_prove() -> None:
    silent = replace(PLAN, judged=Judged.ARTIFACT, reach=None, n_steady=None, max_pairs=3)
    assert "3 pairs do not prove even a gain that never varies" in said(silent)


@pytest.mark.parametrize(("room", "is_said"), [(None, False), (0.5, False), (0.02, True)])
def test_less_is_left_than_can_be_detected(room: float | None, is_said: bool) -> None:
    assert ("Only 0.020 bits are left to gain" in said(replace(PLAN, room=room))) is is_said


def test_items_and_failures_are_named() -> None:
    counted = replace(with_reach(n_items=50, detectable_range=None), n_failed=2)
    assert "Each of 50 items is passed or failed" in said(counted)
    assert "2 of 6 A/A trials failed" in said(counted)
    graded = replace(PLAN, judged=Judged.ARTIFACT)
    assert "answer the same items" in said(graded)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.01234, "0.012"), (1.234, "1.2"), (12.34, "12"), (1234.5, "1234"), (1e-5, "0.000010")],
)
def test_two_digits(value: float, text: str) -> None:
    assert number(value) == text
