"""Proposers against random edits: what one lucky find does not show, and what several do."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from filial.core import (
    Arm,
    Budget,
    Candidate,
    Comparison,
    Decision,
    Generation,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Promoted,
    Proposed,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.reports import Check, State, Terms, assess
from filial.reports.instruments import control
from filial.reports.trust import subject_of

SCORE = Metric("score", smallest_effect=0.1)
TERMS = Terms(shares={Arm.CONTROL: 0.1}, budget=Budget(candidates=60))
FIRST = "f" * 40
GAIN_TRIALS = 20  # what a confirmation costs, beside the trial of the screen


class Study:
    """A made-up study of two arms: each candidate costs a trial, a verified gain twenty more."""

    def __init__(self) -> None:
        self.history = History(noise=Noise(sigma=0.1, n_values=10))
        self._propose(FIRST, -1, Arm.TREATMENT)
        self._promote(FIRST)
        self._try(FIRST, "dev/0", 0.0)
        self.level = 0.0

    def take(self, arm: Arm, gains: Iterable[float]) -> "Study":
        """Judges one candidate for each gain over what it faces; 0 is none."""
        for gain in gains:
            index = self.history.n_proposals
            name = f"{index:040d}"[::-1]
            base = 0.0 if arm is Arm.CONTROL else self.level
            faced = self.history.opponent_of(arm)
            self._propose(name, index, arm)
            self._try(name, "dev/0", base + gain)
            for k in range(GAIN_TRIALS if gain else 0):
                self._try(name, f"confirm/{name[:12]}/{k}", base + gain)
            self.history.apply(VerdictReached(verdict=verdict(name, faced, gain), arm=arm))
            if gain and arm is Arm.TREATMENT:
                self._promote(name)
                self.level += gain
        return self

    def check(self) -> Check:
        return control(subject_of(self.history, SCORE, TERMS))

    def _propose(self, name: str, index: int, arm: Arm) -> None:
        about = Candidate(id=name, index=index, parent="", proposer="p", arm=arm, hypothesis="h")
        self.history.apply(
            Proposed(
                index=index, proposer="p", arm=arm, parent="", hypothesis="h", candidate=about
            )
        )

    def _promote(self, name: str) -> None:
        generation = Generation(number=len(self.history.generations), candidate=name, commit="")
        self.history.apply(Promoted(generation=generation, hypothesis=""))

    def _try(self, name: str, label: str, value: float) -> None:
        split = Split.DEV if label.startswith("dev") else Split.CONFIRM
        spec = TrialSpec(candidate=name, split=split, build_seed=0, exam_seed=0, label=label)
        measured = (Measurement(metric="score", value=value),)
        trial = Trial(spec=spec, level="L3", measurements=measured)
        self.history.apply(TrialFinished(trial=trial))


def verdict(name: str, faced: str, gain: float) -> Verdict:
    compared = Comparison(
        metric="score", differences=(gain,) * 3, estimate=gain, lower=gain, upper=gain, e_value=1e4
    )
    return Verdict(
        candidate=name,
        incumbent=faced,
        decision=Decision.PROMOTE if gain else Decision.REJECT,
        judged=Judged.ARTIFACT,
        reason="",
        policy="",
        alpha=0.001 if gain else 0.0,
        comparison=compared if gain else None,
    )


def test_one_lucky_random_edit_is_no_alarm() -> None:
    """The proposers found more with all their money, though less with as much as that took."""
    study = Study().take(Arm.CONTROL, [0, 0.5, 0, 0, 0, 0]).take(Arm.TREATMENT, [0] * 40 + [0.4])
    found = study.take(Arm.TREATMENT, [0.4]).check()
    assert found.numbers["lead"] == -0.5, "at equal spend the dev values look bad"
    assert found.state is State.OPEN
    assert "+0.80 by the proposers, with 2 gains from 42 candidates" in found.text
    assert "+0.50 at most by 6 random edits, with 1 gain." in found.text
    assert "Neither arm leads beyond chance." in found.text
    assert "5 would be enough" in found.remedy


def test_one_random_edit_ahead_of_everything_may_still_be_luck() -> None:
    # 26 of 100 trials are the control arm's, so it is first by luck in 26 % of such studies.
    found = Study().take(Arm.CONTROL, [0.5, *[0] * 5]).take(Arm.TREATMENT, [0] * 74).check()
    assert (found.state, found.numbers["n_ahead"]) == (State.OPEN, 1)
    assert found.numbers["p_ahead"] == pytest.approx(0.26)
    assert "1 random edit is ahead of all that the proposers reached" in found.text
    assert "in 26 % of studies" in found.text


def test_several_random_edits_ahead_of_everything_fail_but_say_nothing_of_gains() -> None:
    study = Study().take(Arm.CONTROL, [0.5, 0.6, 0.7, 0, 0]).take(Arm.TREATMENT, [0.2, *[0] * 100])
    found = study.check()
    # 65 of 186 trials, to the third power
    assert found.numbers["p_ahead"] == pytest.approx((65 / 186) ** 3)
    assert found.state is State.FAILED
    trust = assess(study.history, SCORE, TERMS)
    assert trust.failed == ()
    assert trust.worthless == (found,)


def test_what_noise_may_explain_is_not_ahead() -> None:
    # Two sigma of a pair are 0.2: 0.5 is that far ahead of 0.29, but not of 0.31.
    for reached, n_ahead in ((0.29, 2), (0.31, 0)):
        study = Study().take(Arm.CONTROL, [0.5, 0.5, 0, 0, 0]).take(Arm.TREATMENT, [reached])
        assert study.check().numbers["n_ahead"] == n_ahead


def test_few_random_edits_say_nothing_and_name_what_is_missing() -> None:
    found = Study().take(Arm.CONTROL, [0.5, 0.6]).take(Arm.TREATMENT, [0] * 38).check()
    assert found.state is State.OPEN
    # 2 of 40 proposals: 3 more take 60, which makes 100 of 60.
    assert found.remedy.startswith("At least 5 random edits say something. ")
    assert "raise budget.candidates to 100, or proposers.control.share" in found.remedy


@pytest.mark.parametrize(("n_gains", "state"), [(4, State.OPEN), (5, State.HELD)])
def test_several_gains_at_equal_spend_hold(n_gains: int, state: State) -> None:
    study = Study().take(Arm.TREATMENT, [0.3] * n_gains).take(Arm.CONTROL, [0] * 200)
    found = study.check()
    assert found.numbers["n_leading"] == n_gains
    assert found.state is state


def test_gains_beyond_equal_spend_do_not_count_as_leading() -> None:
    found = Study().take(Arm.TREATMENT, [0.3] * 9).take(Arm.CONTROL, [0] * 50).check()
    assert found.numbers["n_leading"] == 2, "50 trials pay for two of 21 each"


def test_shorter_programs_and_void_ones_are_no_gains() -> None:
    study = Study().take(Arm.CONTROL, [0.5, 0.6, 0, 0, 0]).take(Arm.TREATMENT, [0])
    first, second = study.history.verdicts[:2]
    study.history.apply(replace(first, verdict=replace(first.verdict, margin=0.05)))
    study.history.verdicts.remove(first)
    study.history.voided.add(second.verdict.candidate)
    found = study.check()
    assert found.numbers["n_control_gains"] == 0
    assert "nothing by 5 random edits" in found.text


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_arms_of_equal_worth_are_seldom_told_apart(share: float) -> None:
    """Both arms draw alike, and the control arm gets its share of trials."""
    rng = np.random.default_rng(7)
    states: list[State] = []
    for _ in range(200):
        study, n_control, n_trials = Study(), 0, 0
        while n_trials < 400:
            arm = Arm.CONTROL if n_control <= share * n_trials else Arm.TREATMENT
            gain = float(rng.exponential(1.0)) if rng.random() < 0.1 else 0.0
            # Random edits face F0, where what the lineage has reached is no gain any more.
            gain = gain if arm is Arm.CONTROL else max(0.0, gain - study.level)
            cost = 1 + (GAIN_TRIALS if gain else 0)
            n_trials, n_control = n_trials + cost, n_control + cost * (arm is Arm.CONTROL)
            study.take(arm, [gain])
        states.append(study.check().state)
    assert states.count(State.FAILED) <= 10
    assert states.count(State.HELD) <= 10
