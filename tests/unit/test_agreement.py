"""Whether a decision on record is the one that its grounds lead to."""

from dataclasses import replace

import pytest

from filial.agreement import difference, subject_of
from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Calibrated,
    Comparison,
    Decision,
    Generation,
    GuardCheck,
    Judged,
    Noise,
    Promoted,
    Verdict,
    VerdictReached,
)

FOUND = Comparison(
    metric="m", differences=(0.1, 0.2), estimate=0.15, lower=0.05, upper=0.25, e_value=300.0
)
GUARD = GuardCheck(metric="g", harm=0.1, tolerance=1.0)
VERDICT = Verdict(
    candidate="c",
    incumbent="f0",
    decision=Decision.PROMOTE,
    judged=Judged.RECIPE,
    reason="gain 0.15",
    policy="p" * 64,
    alpha=0.01,
    comparison=FOUND,
    guards=(GUARD,),
)


@pytest.mark.parametrize(
    "alike",
    [
        VERDICT,
        replace(VERDICT, reason="in other words"),
        replace(VERDICT, alpha=0.01 * (1 + 1e-9)),
        replace(VERDICT, margin=1e-15),
        replace(VERDICT, comparison=replace(FOUND, e_value=300.0001)),
    ],
)
def test_last_digits_and_words_make_no_difference(alike: Verdict) -> None:
    assert difference(alike, VERDICT) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(VERDICT, alpha=0.02), "alpha is 0.02 there, and should be 0.01"),
        (
            replace(VERDICT, decision=Decision.REJECT),
            "decision is REJECT there, and should be PROMOTE",
        ),
        (
            replace(VERDICT, policy="q" * 64),
            "policy is qqqqqqqqqqqq… there, and should be pppppppppppp…",
        ),
        (replace(VERDICT, comparison=None), "comparison is None there, and should be Comparison"),
        (
            replace(VERDICT, comparison=replace(FOUND, e_value=301.0)),
            "comparison.e_value is 301 there, and should be 300",
        ),
        (
            replace(VERDICT, comparison=replace(FOUND, estimate=float("nan"))),
            "comparison.estimate is nan there, and should be 0.15",
        ),
        (
            replace(VERDICT, comparison=replace(FOUND, differences=(0.1, 0.3))),
            "comparison.differences[1] is 0.3 there, and should be 0.2",
        ),
        (
            replace(VERDICT, comparison=replace(FOUND, differences=(0.1,))),
            "comparison.differences is (0.1,) there, and should be (0.1, 0.2)",
        ),
        (
            replace(VERDICT, guards=(replace(GUARD, since_f0=0.5),)),
            "guards[0].since_f0 is 0.5 there, and should be None",
        ),
    ],
)
def test_anything_else_does(other: Verdict, said: str) -> None:
    assert difference(other, VERDICT) == said


def test_counts_must_be_the_same() -> None:
    made = Calibrated(noise=Noise(sigma=0.1, n_values=10**7), screen_k=3)
    other = replace(made, noise=Noise(sigma=0.1, n_values=10**7 + 1))
    assert difference(other, made) == "noise.n_values is 10000001 there, and should be 10000000"


def test_whom_a_step_of_oversight_is_about() -> None:
    approval = Approval(granted=True, by="ada", reason="")
    assert subject_of(ApprovalGiven(candidate="a", approval=approval)) == "a"
    generation = Generation(number=1, candidate="b", commit="")
    assert subject_of(Promoted(generation=generation, hypothesis="")) == "b"
    assert subject_of(VerdictReached(verdict=VERDICT, arm=Arm.TREATMENT)) == ""
