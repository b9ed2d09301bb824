"""A plan in plain sentences: what it says when."""

from dataclasses import replace

import pytest

from filial.cli.advice import advice, answer, number
from filial.core import Judged, Noise
from filial.forecast import Chances
from filial.planning import Plan, Reach
from filial.purse import Costs, Purse


def chances(gain: float, proven: float) -> Chances:
    return Chances(
        gain=gain, sigmas=gain / 0.02, passes=0.7, proven=proven, promoted=proven, pairs=9.0
    )


REACH = Reach(
    sigma_range=(0.01, 0.06),
    n_items=0,
    chances=(chances(0.0, 0.0), chances(0.01, 0.04), chances(0.03, 0.81)),
    detectable=0.03,
    unhurried=None,
    is_in_reach=False,
    pairs_needed=70,
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
    n_affordable=100,
    costs=Costs(
        wall_s=20.0,
        wall_range_s=(19.0, 22.0),
        cpu_s=20.0,
        cpu_range_s=(19.0, 21.0),
        trials_per_hour=360.0,
    ),
    purse=Purse(
        n_trials=2880,
        ceiling="wall_s",
        left=28_800.0,
        n_calibration=40,
        n_audit=41,
        n_candidates=1500,
        limit="wall_s",
        n_confirmed=240,
        null_pairs=2.6,
        gain_trials=29.0,
        whole_trials=83.0,
    ),
    reach=REACH,
    n_steady=7,
)


def said(plan: Plan) -> str:
    return " ".join(answer(plan))


def with_reach(plan: Plan = PLAN, **changes: object) -> Plan:
    return replace(plan, reach=replace(REACH, **changes))  # type: ignore[arg-type]


def test_what_can_be_detected() -> None:
    text = said(PLAN)
    assert text.startswith("With 8 h of wall clock you can detect gains in loss of 0.030 bits")
    assert "as 70 % do, four in five are promoted within 16 pairs" in text
    assert "0.015 to 0.090" in text  # the interval of sigma, in proportion
    assert "3 seeds would not be enough" in text
    assert "0.046 bits" in text


def test_what_the_budget_pays_for() -> None:
    text = said(PLAN)
    assert "8 h of wall clock buys 2,880 trials, 40 for calibration." in text
    assert "pays for 1,500 candidates that gain nothing; of these 240 are confirmed" in text
    assert "A gain takes 29 trials" in text


def test_a_budget_that_sees_no_gain_through() -> None:
    poor = replace(PLAN, purse=replace(PLAN.purse, n_trials=68, n_calibration=40))
    assert "A gain takes 29 trials, from its screen to what follows, more than there" in said(poor)
    rich = replace(PLAN, purse=replace(PLAN.purse, n_trials=69, n_calibration=40))
    assert "from its screen to what follows." in said(rich)


def test_no_budget() -> None:
    purse = replace(
        PLAN.purse,
        n_trials=None,
        ceiling=None,
        left=None,
        n_candidates=None,
        limit=None,
        n_confirmed=None,
        gain_trials=None,
    )
    text = said(replace(PLAN, purse=purse, n_affordable=None))
    assert text.startswith("With this gate you can detect")
    assert "There is no budget" in text


def test_out_of_reach_and_what_helps() -> None:
    assert "0.010 bits, is out of reach" in said(PLAN)
    assert "chance of 4.0 %. What would help:" in said(PLAN)
    more, less, larger = advice(PLAN)
    assert more == "more pairs: gate.max_pairs = 70, two trials each"
    assert less.startswith("less noise: sigma of 0.0067 bits, with a longer build")
    assert "about 9.0 times as many items" in less
    assert larger == "a larger goal: smallest_effect = 0.030"


def test_within_reach() -> None:
    easy = with_reach(is_in_reach=True)
    assert "is within reach" in said(easy)
    assert "What would help" not in said(easy)
    assert list(advice(easy)) == []


def test_three_seeds_that_would_do() -> None:
    easy = replace(PLAN, smallest_effect=0.03, reach=replace(REACH, habit=0.02, is_in_reach=True))
    assert "A t-test on 3 seeds finds gains of 0.020 bits" in said(easy)
    assert "one in 20" in said(easy)


def test_a_budget_of_too_few_pairs() -> None:
    poor = replace(with_reach(detectable=None, unhurried=0.03, pairs_needed=None), n_affordable=5)
    assert said(poor).startswith("Nothing can be detected: the 5 pairs that the budget pays for")
    first, *others = advice(poor)
    assert first == (
        "a larger budget: 83 trials, 13 min 50 s, see one challenger through, and then gains of "
        "0.030 bits or more can be detected"
    )
    assert others[-1] == "a larger goal: smallest_effect = 0.030"


def test_a_gate_of_too_few_pairs() -> None:
    blind = replace(with_reach(detectable=None, pairs_needed=None), max_pairs=3)
    assert "Nothing can be detected: 3 pairs do not prove" in said(blind)
    assert list(advice(blind)) == [
        "more pairs: gate.max_pairs = 3 does not prove even large gains"
    ]


def test_nothing_declared() -> None:
    open_ended = replace(with_reach(is_in_reach=None, pairs_needed=None), smallest_effect=0.0)
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
    counted = replace(with_reach(n_items=50), n_failed=2)
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
