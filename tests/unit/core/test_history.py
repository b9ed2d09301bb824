"""The fold over a study's events."""

from dataclasses import replace

import pytest

from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    Candidate,
    Decision,
    Event,
    EvidenceBought,
    Failure,
    FailureKind,
    Generation,
    History,
    Judged,
    Measurement,
    Noise,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    Spared,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
    find,
)
from filial.errors import StudyError

T, P, C = Arm.TREATMENT, Arm.PLACEBO, Arm.CONTROL
SYNTAX = Failure(kind=FailureKind.SYNTAX)
STARTED = RunStarted(workers=1, level="L3")
OPENED = StudyOpened(
    name="s", goal="g", version="1", config="", exam="", data="", secret="", policy=""
)
F0 = Generation(number=0, candidate="f0f0f0", commit="0")


def proposed(index: int, name: str, arm: Arm = T, spend: Spend = Spend()) -> Proposed:
    parent = "" if index < 0 else "f0f0f0"
    candidate = Candidate(
        id=name, index=index, parent=parent, proposer="p", arm=arm, hypothesis="h"
    )
    return Proposed(
        index=index,
        proposer="p",
        arm=arm,
        parent=parent,
        hypothesis="h",
        candidate=candidate,
        spend=spend,
    )


def finished(name: str, label: str, split: Split = Split.DEV) -> TrialFinished:
    spec = TrialSpec(candidate=name, split=split, build_seed=0, exam_seed=0, label=label)
    found = (Measurement(metric="m", value=1.0),)
    spend = Spend(wall_s=7.0, cpu_s=2.0)
    return TrialFinished(trial=Trial(spec=spec, level="L3", measurements=found, spend=spend))


def reached(name: str, decision: Decision, alpha: float = 0.0, arm: Arm = T) -> VerdictReached:
    verdict = Verdict(
        candidate=name,
        incumbent="f0f0f0",
        decision=decision,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        alpha=alpha,
    )
    return VerdictReached(verdict=verdict, arm=arm)


INITIAL: tuple[Body, ...] = (
    OPENED,
    proposed(-1, "f0f0f0"),
    Promoted(generation=F0, hypothesis=""),
)


def after(*bodies: Body) -> History:
    history = History()
    for body in (*INITIAL, *bodies):
        history.apply(body)
    return history


def test_an_empty_history() -> None:
    history = History.of([])
    assert history == History()
    assert history.opened is None
    with pytest.raises(IndexError):
        _ = history.incumbent


def test_the_initial_code_is_no_proposal() -> None:
    history = after()
    assert history.opened == OPENED
    assert history.n_proposals == 0
    assert history.spend == Spend()
    assert history.incumbent == F0
    assert history.standings["f0f0f0"].generation == 0


def test_proposals_are_counted_whatever_became_of_them() -> None:
    refused = Proposed(
        index=1, proposer="p", arm=T, parent="", hypothesis="", failure=SYNTAX, spend=Spend(usd=1)
    )
    history = after(proposed(0, "a", spend=Spend(tokens=5)), refused)
    assert history.n_proposals == 2
    assert history.spend == Spend(candidates=2, tokens=5, usd=1)
    assert history.refusals == [refused]
    assert list(history.standings) == ["f0f0f0", "a"]


def test_a_proposal_that_came_to_nothing_leaves_nothing() -> None:
    nothing = Proposed(index=0, proposer="p", arm=T, parent="", hypothesis="")
    history = after(nothing)
    assert history.n_proposals == 1
    assert (list(history.standings), history.refusals) == (["f0f0f0"], [])


def test_a_tree_proposed_twice_keeps_its_first_standing() -> None:
    history = after(proposed(0, "a"), finished("a", "dev/0"), proposed(1, "a"))
    assert history.standings["a"].candidate.index == 0
    assert list(history.standings["a"].trials) == ["dev/0"]


def test_trials_are_charged_to_their_arm_without_their_wall_clock() -> None:
    history = after(
        proposed(0, "a"),
        proposed(1, "c", C),
        finished("a", "dev/0"),
        finished("c", "dev/0"),
        finished("c", "confirm/c/0", Split.CONFIRM),
        finished("f0f0f0", "sealed/0/0", Split.SEALED),
    )
    assert history.spend == Spend(cpu_s=8.0, trials=4, candidates=2, sealed_looks=1)
    assert history.spend_by_arm[C] == Spend(cpu_s=4.0, trials=2, candidates=1)
    assert history.spend_by_arm[T] == Spend(cpu_s=4.0, trials=2, candidates=1, sealed_looks=1)
    assert list(history.standings["c"].trials) == ["dev/0", "confirm/c/0"]


def test_wall_clock_time_counts_within_sessions_only() -> None:
    times: list[tuple[float, Body]] = [
        (100.0, STARTED),
        (101.0, OPENED),
        (101.5, proposed(-1, "f0f0f0")),
        (102.0, Promoted(generation=F0, hypothesis="")),
        (103.5, CalibrationPlanned(n_trials=1)),
        (104.0, RunStopped(reason="enough")),
        (900.0, STARTED),
        (901.0, Calibrated(noise=Noise(sigma=0.1, n_values=3), screen_k=2)),
        (900.5, RunStopped(reason="the clock went back")),
    ]
    events = [
        Event(seq=seq, at=at, body=body, previous="", digest="")
        for seq, (at, body) in enumerate(times, 1)
    ]
    history = History.of(events)
    assert history.spend == Spend(wall_s=5.0)
    assert history.last_at == 900.5
    assert (history.noise, history.screen_k) == (Noise(sigma=0.1, n_values=3), 2)
    assert (history.level, history.stopped) == ("L3", "the clock went back")
    assert History.of(events[:7]).stopped is None


def test_confirmations_are_the_verdicts_that_spent_alpha() -> None:
    names = {"a": T, "b": T, "c": C, "d": P}
    bodies: list[Body] = [proposed(i, n, arm) for i, (n, arm) in enumerate(names.items())]
    bodies += [
        reached("a", Decision.REJECT),
        reached("b", Decision.REJECT, 0.01),
        reached("c", Decision.PROMOTE, 0.02, C),
        reached("d", Decision.UNDECIDED, 0.03, P),
    ]
    history = after(*bodies)
    assert [v.candidate for v in history.confirmations_of(T)] == ["b", "d"]
    assert [v.candidate for v in history.confirmations_of(P)] == ["b", "d"]
    assert [v.candidate for v in history.confirmations_of(C)] == ["c"]
    assert [v.verdict.candidate for v in history.verdicts] == ["a", "b", "c", "d"]
    assert history.standings["d"].is_parked
    assert not history.standings["a"].is_parked
    assert not history.standings["f0f0f0"].is_parked


@pytest.mark.parametrize(
    ("verdict", "survived"),
    [
        (reached("a", Decision.REJECT), False),
        (reached("a", Decision.VOID), False),
        (reached("a", Decision.REJECT, 0.01), True),
        (reached("a", Decision.UNDECIDED), True),  # parked before its confirmation
        (reached("a", Decision.PROMOTE), True),  # a construction spends no alpha
        (reached("a", Decision.PROMOTE, 0.01, P), False),
        (reached("a", Decision.PROMOTE, 0.01, C), False),
    ],
)
def test_survivors_are_ideas_that_passed_the_screen(
    verdict: VerdictReached, survived: bool
) -> None:
    assert after(proposed(0, "a", verdict.arm), verdict).survivors == ["a"] * survived


def test_approval_promotion_and_audit() -> None:
    approval = Approval(granted=True, by="ada", reason="")
    f1 = Generation(number=1, candidate="a", commit="1")
    audit = Audited(before=F0, after=f1, split="sealed", differences=(1.0,), lower=0, upper=2)
    history = after(
        proposed(0, "a"),
        reached("a", Decision.PROMOTE, 0.01),
        ApprovalGiven(candidate="a", approval=approval),
        Promoted(generation=f1, hypothesis="h"),
        audit,
    )
    assert history.standings["a"].approval == approval
    assert history.standings["a"].generation == 1
    assert history.generations == [F0, f1]
    assert history.audits == [audit]
    assert [history.opponent_of(arm) for arm in (T, P, C)] == ["a", "a", "f0f0f0"]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ("F0", "f0f0f0"),
        ("f0", "f0f0f0"),
        ("F1", "abcd1111"),
        ("0", "abcd1111"),
        ("2", "12345678"),
        ("abcd1", "abcd1111"),
        ("abcd1111", "abcd1111"),
        ("f0f0", "f0f0f0"),
        ("12345678", "12345678"),
    ],
)
def test_candidates_are_found_by_generation_number_or_id(which: str, found: str) -> None:
    assert find(crowd(), which).candidate.id == found


@pytest.mark.parametrize(
    "which", ["F2", "F", "", "7", "abc", "abcd9", "F²", "²", "no", "F" + "9" * 5000]
)
def test_what_cannot_be_found(which: str) -> None:
    with pytest.raises(StudyError) as caught:
        find(crowd(), which)
    assert str(caught.value) == (
        f"{which!r} is no candidate; generations: F0 to F1; proposals and ids: see filial log"
    )


def test_what_is_ambiguous() -> None:
    with pytest.raises(StudyError, match="'abcd' is ambiguous; generations: F0 to F1"):
        find(crowd(), "abcd")


def test_nothing_can_be_found_before_the_beginning() -> None:
    with pytest.raises(StudyError, match="'F0' is no candidate; generations: nothing yet"):
        find(History(), "F0")


def crowd() -> History:
    f1 = Generation(number=1, candidate="abcd1111", commit="1")
    return after(
        proposed(0, "abcd1111"),
        proposed(1, "abcd2222"),
        proposed(2, "12345678"),
        Promoted(generation=f1, hypothesis="h"),
    )


def test_a_fold_is_the_same_however_it_is_fed() -> None:
    bodies = (*INITIAL, proposed(0, "a"), reached("a", Decision.UNDECIDED, 0.01))
    events = [
        Event(seq=n, at=float(n), body=body, previous="", digest="")
        for n, body in enumerate(bodies, 1)
    ]
    history = History()
    for event in events:
        history.take(event)
    assert history == History.of(events)
    assert history != History.of([*events[:-1], replace(events[-1], at=99.0)])


def test_what_an_incumbent_did_in_its_own_confirmation_and_in_those_of_others() -> None:
    a, b = "a" * 40, "b" * 40
    failed = TrialFinished(
        trial=Trial(
            spec=TrialSpec(
                candidate=a,
                split=Split.CONFIRM,
                build_seed=1,
                exam_seed=2,
                label=f"confirm/{b[:12]}/9",
            ),
            level="L3",
            failure=SYNTAX,
        )
    )
    history = after(
        proposed(0, a),
        proposed(1, b),
        finished(a, "dev/0"),
        finished(a, f"confirm/{a[:12]}/0", Split.CONFIRM),
        finished(a, f"confirm/{a[:12]}/1", Split.CONFIRM),
        finished(a, f"confirm/{b[:12]}/0", Split.CONFIRM),
        failed,
        finished(a, "sealed/0/0", Split.SEALED),
    )
    (measured,) = history.standings[a].trials["dev/0"].measurements
    own, later = history.standings[a].confirm_values(measured.metric)
    assert (own, later) == ((measured.value,) * 2, (measured.value,))
    assert history.standings["f0f0f0"].confirm_values(measured.metric) == ((), ())


def test_each_generation_has_a_dev_seed() -> None:
    noise = Noise(sigma=0.1, n_values=3)
    first = Calibrated(noise=noise, screen_k=2)
    f1 = Promoted(generation=Generation(number=1, candidate="a", commit="1"), hypothesis="h")
    old = after(first, proposed(0, "a"), f1)
    assert [old.screen_seed(one) for one in ("f0f0f0", "a", "b")] == [2, 2, 2]
    renewed = Calibrated(noise=noise, screen_k=41, generation=1)
    new = after(first, proposed(0, "a"), f1, renewed)
    assert [new.screen_seed(one) for one in ("f0f0f0", "a", "b")] == [2, 41, 41]


def test_who_goes_on_by_lot_is_known_with_the_reason() -> None:
    history = after(
        proposed(0, "a"), proposed(1, "b"), Spared(candidate="b", reason="gain -1 on the dev pair")
    )
    assert history.spared == {"b": "gain -1 on the dev pair"}


def test_pairs_that_were_bought_add_up() -> None:
    bodies = [EvidenceBought(candidate=name, n_pairs=n, reason="") for name, n in BOUGHT]
    history = after(proposed(0, "a"), proposed(1, "b"), *bodies)
    assert history.bought == {"a": 13, "b": 2}
    assert history.spend == Spend(candidates=2)  # it is their trials that cost something


BOUGHT = (("a", 8), ("b", 2), ("a", 5))


def test_each_generation_has_its_noise() -> None:
    noises = [Noise(sigma=0.1 * n, n_values=n) for n in range(1, 4)]
    history = after(
        *(Calibrated(noise=noise, screen_k=n, generation=n) for n, noise in enumerate(noises))
    )
    assert history.noises == dict(enumerate(noises))
    assert history.noise == noises[2]
    assert after().noises == {}
