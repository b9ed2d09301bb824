"""Claimed against realised: every few promotions, on fresh seeds of the sealed split."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import pytest
from test_engine import (
    CRASH,
    F0,
    INITIAL,
    METRIC,
    UNLIMITED,
    Line,
    Script,
    T,
    World,
    cut,
    history,
    lineage,
    of_kind,
    storage,
    story,
    tree,
)

from filial.core import (
    Audited,
    Body,
    Budget,
    Calibrated,
    Comparison,
    Decision,
    Event,
    Failure,
    FailureKind,
    Generation,
    History,
    Incident,
    IncidentClosed,
    Judged,
    Promoted,
    Proposed,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.drafting import Drafting, introduce
from filial.engine import Engine
from filial.errors import ExamError, IncidentOpen, Stopped
from filial.reckoning import claimed, falls_short, is_due
from filial.running import _check
from filial.stopping import StopSwitch
from filial.storages import MemoryStorage

pytestmark = pytest.mark.timeout(300)

DONE = "the proposers have nothing more to say"
STEADY: tuple[Line, ...] = ((T, 0.1), (T, 0.2), (T, 0.3), (T, 0.4))


def steady(**settings: Any) -> World:
    return World(STEADY, batch=1, **{"audit_every": 4, **settings})


def lucky(culprit: int, n: int = 4, **settings: Any) -> World:
    """``n`` promotions of 0.1 each, but for one of 0.3 that comes to nothing on sealed items."""
    lines, true = [], 0.0
    for number in range(1, n + 1):
        true += 0.0 if number == culprit else 0.1
        lines.append((T, true))
    luck = dict.fromkeys(range(culprit - 1, n), 0.3)
    return World(lines, batch=1, luck=luck, **{"audit_every": n, **settings})


def run(world: World, store: MemoryStorage, budget: Budget = UNLIMITED) -> str:
    """Runs with the check of a real run: nothing goes on while an incident is open."""
    engine = world.engine(store, budget)
    switch = StopSwitch(Path("no such file"))
    engine.check = partial(_check, switch, engine.journal, Path("study"))
    engine.reckoning = replace(engine.reckoning, check=engine.check)
    return engine.run()


def close(store: MemoryStorage, number: int = 1) -> None:
    store.append(IncidentClosed(number=number, by="ada", note="the seeds were lucky"))


def looks(store: MemoryStorage) -> list[tuple[int, int]]:
    return [(one.before.number, one.after.number) for one in of_kind(store, Audited)]


def sealed_seeds(store: MemoryStorage) -> list[int]:
    trials = [one.trial.spec for one in of_kind(store, TrialFinished)]
    return [spec.exam_seed for spec in trials if spec.split == "sealed"]


def test_claims_that_hold_up_are_one_comparison() -> None:
    store = storage()
    assert run(steady(), store) == DONE
    assert looks(store) == [(0, 4)]
    found = of_kind(store, Audited)[0]
    assert (found.split, len(found.differences)) == ("sealed", 4)
    assert found.lower <= 0.4 <= found.upper
    assert of_kind(store, Incident) == []
    kinds = [type(event.body).__name__ for event in store.events()]
    assert kinds[-10:] == ["Calibrated", *["TrialFinished"] * 8, "Audited"]


@pytest.mark.parametrize(
    ("every", "expected"),
    [(0, []), (1, [(0, 1), (0, 2), (0, 3), (0, 4)]), (2, [(0, 2), (0, 4)]), (3, [(0, 3)])],
)
def test_every_few_promotions(every: int, expected: list[tuple[int, int]]) -> None:
    store = storage()
    run(steady(audit_every=every), store)
    assert len(lineage(store)) == 5
    assert looks(store) == expected


def test_seeds_are_fresh_each_time_and_shared_by_both_sides() -> None:
    store = storage()
    run(steady(audit_every=2), store)
    seeds = sealed_seeds(store)
    assert seeds[::2] == seeds[1::2]
    assert len(set(seeds)) == 8


def test_told_again_it_adds_nothing() -> None:
    store = storage()
    world = steady(audit_every=2)
    run(world, store)
    before = story(store)
    world.ran.clear()
    assert run(world, store) == DONE
    assert (world.ran, story(store)) == ([], before)


def test_cut_off_anywhere_it_is_due_again() -> None:
    """The story goes on the same; a reckoning in the middle begins anew, on seeds of its own."""
    whole = storage()
    run(steady(audit_every=2), whole)
    bodies = [event.body for event in whole.events()]
    for n in range(len(bodies) + 1):
        rest = cut(whole, n)
        run(steady(audit_every=2), rest)
        assert looks(rest) == [(0, 2), (0, 4)], f"cut off after {n} events"
        assert told(rest) == told(whole)
        seeds = sealed_seeds(rest)
        assert 16 <= len(seeds) <= 24
        assert max(Counter(seeds).values()) == 2, "once for each side"


def told(store: MemoryStorage) -> list[Body]:
    """The steps of the story; what wall-clock time they took aside."""
    asides = (Audited, Incident)
    steps = [event.body for event in store.events() if not isinstance(event.body, asides)]
    return [
        body
        for body in steps
        if isinstance(body, Proposed | VerdictReached | Promoted | Calibrated)
        or (isinstance(body, TrialFinished) and body.trial.spec.split != "sealed")
    ]


@pytest.mark.parametrize("culprit", [1, 2, 3, 4])
def test_the_generation_that_was_luck_is_named(culprit: int) -> None:
    store = storage()
    world = lucky(culprit)
    with pytest.raises(IncidentOpen, match=f"nothing is promoted: F{culprit} did not hold up"):
        run(world, store)
    (incident,) = of_kind(store, Incident)
    assert incident.candidate == lineage(store)[culprit]
    assert incident.detail.startswith(f"F{culprit} did not hold up: F{culprit} claimed 0.")
    assert f" share over F{culprit - 1}, 4 fresh seeds found " in incident.detail
    assert (incident.number, incident.label, incident.voids) == (1, "", False)
    assert looks(store)[0] == (0, 4)
    assert looks(store)[-1] == (culprit - 1, culprit)


def test_nothing_is_void_because_of_it() -> None:
    store = storage()
    with pytest.raises(IncidentOpen):
        run(lucky(2), store)
    assert history(store).voided == set()
    assert len(history(store).sound_generations) == 5


def test_no_promotion_takes_effect_until_a_person_has_closed_it() -> None:
    store = storage()
    world = lucky(2)
    world.lines = [*world.lines, (T, 0.8)]
    for _ in range(3):
        with pytest.raises(IncidentOpen, match="filial incidents study"):
            run(world, store)
        assert len(lineage(store)) == 5
    before = looks(store)
    close(store)
    assert run(world, store) == DONE
    assert lineage(store)[5:] == [tree("4")]
    assert looks(store) == before, "the same reckoning is not due again"
    assert len(of_kind(store, Incident)) == 1


def test_a_generation_is_named_once() -> None:
    """In later reckonings its claim counts for nothing, so the others must hold up without it."""
    store = storage()
    world = lucky(1, n=2)
    world.lines = [*world.lines, (T, 0.5), (T, 0.6)]
    with pytest.raises(IncidentOpen, match="F1 did not hold up"):
        run(world, store)
    close(store)
    assert run(world, store) == DONE
    assert looks(store)[-1] == (0, 4)
    assert len(of_kind(store, Incident)) == 1


def test_two_that_were_luck_are_named_one_after_the_other() -> None:
    store = storage()
    world = World(
        [(T, 0.0), (T, 0.1), (T, 0.1), (T, 0.2)],
        batch=1,
        audit_every=4,
        luck={0: 0.3, 1: 0.3, 2: 0.6, 3: 0.6},
    )
    with pytest.raises(IncidentOpen, match="F1 did not hold up"):
        run(world, store)
    close(store, 1)
    with pytest.raises(IncidentOpen, match="F3 did not hold up"):
        run(world, store)
    close(store, 2)
    assert run(world, store) == DONE
    named = [incident.candidate for incident in of_kind(store, Incident)]
    assert named == [tree("0"), tree("2")]


def test_cut_off_anywhere_the_alarm_is_raised_all_the_same() -> None:
    whole = storage()
    with pytest.raises(IncidentOpen):
        run(lucky(3), whole)
    assert looks(whole)[1][0] == 0, "a comparison with F0 that held up comes in between"
    for n in range(len(whole._rows) + 1):
        rest = cut(whole, n)
        with pytest.raises(IncidentOpen):
            run(lucky(3), rest)
        (incident,) = of_kind(rest, Incident)
        assert incident.candidate == lineage(rest)[3], f"cut off after {n} events"


def test_it_may_die_in_the_middle_again_and_again() -> None:
    """However often it dies within a reckoning, each one begins on seeds that nobody has seen."""
    whole = storage()
    run(steady(), whole)
    n_before = len(whole._rows) - 9

    class Doomed(MemoryStorage):
        def append(self, body: Body) -> Event:
            if isinstance(body, Audited):
                raise Stopped("killed")
            return super().append(body)

    store = Doomed(lambda: 1000.0)
    store._rows, store._blobs = whole._rows[:n_before], dict(whole._blobs)
    for n in range(1, 4):
        with pytest.raises(Stopped):
            run(steady(), store)
        assert len(set(sealed_seeds(store))) == 4 * n
    rest = cut(store, len(store._rows))
    run(steady(), rest)
    assert looks(rest) == [(0, 4)]


def worse_by(trial: Trial, amount: float) -> Trial:
    found = replace(trial["accuracy"], value=trial["accuracy"].value - amount)
    return replace(trial, measurements=(found,))


def test_what_may_be_chance_gets_more_seeds() -> None:
    """All of the claim is true, but two of the first four seeds are unlucky."""

    class Unlucky(World):
        def run_trial(self, spec: TrialSpec) -> Trial:
            trial = super().run_trial(spec)
            is_unlucky = spec.label in {"sealed/0/0", "sealed/0/1"} and spec.candidate != F0
            return worse_by(trial, 0.3) if is_unlucky else trial

    store = storage()
    assert run(Unlucky(STEADY, batch=1, audit_every=4), store) == DONE
    (found,) = of_kind(store, Audited)
    assert len(found.differences) == 8
    assert of_kind(store, Incident) == []


def test_when_nobody_is_to_blame_the_incident_says_so() -> None:
    """The whole fell short, but on other seeds each part of it holds up."""

    class Unlucky(World):
        def run_trial(self, spec: TrialSpec) -> Trial:
            trial = super().run_trial(spec)
            is_unlucky = spec.label.startswith("sealed/0/") and spec.candidate == tree("3")
            return worse_by(trial, 0.3) if is_unlucky else trial

    store = storage()
    world = Unlucky(STEADY, batch=1, audit_every=4)
    with pytest.raises(IncidentOpen):
        run(world, store)
    assert looks(store) == [(0, 4), (0, 2), (2, 3), (3, 4)]
    detail = of_kind(store, Incident)[0].detail
    whole, _, part = detail.partition("; the search ended at F4, but ")
    assert whole.startswith("gains did not hold up: F4 claimed 0.")
    assert " share over F0, 4 fresh seeds found 0." in whole
    assert part.startswith("F4 claimed 0.")
    assert " share over F3, 4 fresh seeds found 0." in part
    close(store)
    assert run(world, store) == DONE
    assert looks(store)[4:] == [(0, 4)], "without F4 the claims are still more than was found"
    assert len(of_kind(store, Incident)) == 1


class Shorter(World):
    """Each program is a tenth shorter than the one before, and as good is good enough."""

    def engine(self, storage: MemoryStorage, budget: Budget) -> Engine:
        engine = super().engine(storage, budget)
        engine.initial = replace(INITIAL, n_tokens=1000)
        engine.blank = replace(engine.blank, primary=replace(METRIC, smallest_effect=0.08))
        engine.drafting = cast("Drafting", Shortening(self.lines))
        return engine


class Shortening(Script):
    def draft(self, history: History) -> Proposed | None:
        drafted = super().draft(history)
        if drafted is None or drafted.candidate is None:
            return drafted
        n_tokens = int(1000 * 0.9 ** (drafted.index + 1))
        return replace(drafted, candidate=replace(drafted.candidate, n_tokens=n_tokens))


def losing(gains: Sequence[float], losses: Sequence[float]) -> World:
    """Promotions of such gains each, of which so much is not there on sealed items."""
    true = [gain - loss for gain, loss in zip(accumulate(gains), accumulate(losses), strict=True)]
    luck = dict(enumerate(accumulate(losses)))
    return Shorter([(T, worth) for worth in true], batch=1, luck=luck, audit_every=len(gains))


@pytest.mark.parametrize("culprit", [1, 2, 3, 4])
def test_a_loss_is_searched_for_where_nothing_is_claimed(culprit: int) -> None:
    """Four programs that are only shorter, one of which is worse where nobody could see it."""
    store = storage()
    world = losing([0.0] * 4, [0.1 * (number == culprit) for number in range(1, 5)])
    with pytest.raises(IncidentOpen, match=f"F{culprit} did not hold up"):
        run(world, store)
    margins = [reached.verdict.margin for reached in of_kind(store, VerdictReached)]
    assert margins == [0.04] * 4
    (incident,) = of_kind(store, Incident)
    assert incident.candidate == lineage(store)[culprit]
    told = f"F{culprit} claimed 0 share over F{culprit - 1}, 4 fresh seeds found -0."
    assert told in incident.detail
    close(store)
    assert run(world, store) == DONE, "what is known and put up with is no news"
    assert len(of_kind(store, Incident)) == 1
    assert history(store).incumbent.number == 4


def test_a_loss_among_gains_is_searched_for_where_nothing_is_claimed() -> None:
    """F1 is as good as it says; F2 says nothing, and takes half of that back."""
    store = storage()
    world = losing([0.3, 0.0, 0.0], [0.0, 0.15, 0.0])
    with pytest.raises(IncidentOpen, match="F2 did not hold up"):
        run(world, store)
    close(store)
    assert run(world, store) == DONE
    assert [i.candidate for i in of_kind(store, Incident)] == [tree("1")]


def test_shorter_programs_that_are_as_good_are_no_alarm() -> None:
    store = storage()
    assert run(losing([0.0] * 4, [0.0] * 4), store) == DONE
    assert looks(store) == [(0, 4)]
    assert of_kind(store, Incident) == []


def test_a_used_up_budget_ends_it_and_a_raised_one_lets_it_begin_anew() -> None:
    whole = storage()
    run(steady(), whole)
    n_story = history(whole).spend.trials - 8
    store = storage()
    assert run(steady(), store, Budget(trials=n_story)) == "the budget is used up: trials"
    assert sealed_seeds(store) == []
    assert looks(store) == []
    run(steady(), store)
    assert looks(store) == [(0, 4)]


def test_a_budget_that_runs_out_between_rounds() -> None:
    whole = storage()
    with pytest.raises(IncidentOpen):
        run(lucky(4), whole)
    n_story = history(whole).spend.trials - len(sealed_seeds(whole))
    for n in (1, 8, 9, 16):
        store = storage()
        world = lucky(4)
        assert run(world, store, Budget(trials=n_story + n)) == "the budget is used up: trials"
        assert of_kind(store, Incident) == []
        with pytest.raises(IncidentOpen, match="F4 did not hold up"):
            run(lucky(4), store)


def test_what_cannot_be_compared_is_an_incident() -> None:
    """A generation that fails on sealed items is no ground to end the run with a stack trace."""
    store = storage()
    for _ in range(2):
        with pytest.raises(IncidentOpen, match="F0 and F4 cannot be compared"):
            run(steady(fails={"sealed": CRASH}), store)
    (incident,) = of_kind(store, Incident)
    assert incident.detail == (
        "F0 and F4 cannot be compared: 8 of 8 trials on the sealed split failed, the last one "
        "with: crash: exit code 1"
    )
    assert (incident.candidate, incident.voids) == (tree("3"), False)
    assert looks(store) == []
    store.append(IncidentClosed(number=1, by="ada", note="it cannot sit it", voids=True))
    assert run(steady(), store) == DONE
    assert history(store).incumbent.number == 3
    assert len(of_kind(store, Incident)) == 1


class BrokenExam(World):
    """On sealed items the exam raises while it draws, or cannot score what F0 answers, either."""

    is_drawing: bool = False

    def run_trial(self, spec: TrialSpec) -> Trial:
        if self.is_drawing and spec.split == "sealed":
            raise ExamError("Sums.items raised KeyError: 7 (exam.py:9), at item 0")
        return super().run_trial(spec)


@pytest.mark.parametrize("is_drawing", [True, False])
@pytest.mark.parametrize(
    "kind", [FailureKind.ILL_TYPED, FailureKind.INVALID, FailureKind.NON_FINITE]
)
def test_an_exam_that_fails_on_sealed_items_alone_blames_nobody(
    is_drawing: bool, kind: FailureKind
) -> None:
    def broken(every: int) -> World:
        world = BrokenExam(STEADY, batch=1, audit_every=every)
        world.is_drawing = is_drawing
        detail = "item 3: Sums.score raised KeyError: 7 (exam.py:9)"
        world.fails = {} if is_drawing else {"sealed": Failure(kind=kind, detail=detail)}
        return world

    store = storage()
    for _ in range(2):
        with pytest.raises(ExamError) as caught:
            run(broken(4), store)
        told = str(caught.value)
        assert told.startswith(
            "the exam fails on the sealed split, so F0 and F4 cannot be compared, and neither is "
            "to blame: "
        )
        assert "KeyError: 7 (exam.py:9)" in told
        assert "set oversight.audit_every = 0" in told
        assert "\n" not in told
    assert looks(store) == []
    assert of_kind(store, Incident) == []
    assert history(store).incumbent.number == 4
    assert run(broken(0), store) == DONE


@pytest.mark.parametrize("n_fails", [1, 2])
def test_answers_that_only_the_incumbent_gives_are_no_fault_of_the_exam(n_fails: int) -> None:
    """Or else a program whose answers break the exam would never be compared with F0."""
    ill = Failure(kind=FailureKind.ILL_TYPED, detail="item 0: Sums.score raised TypeError")

    class Odd(World):
        def run_trial(self, spec: TrialSpec) -> Trial:
            trial = super().run_trial(spec)
            sides = (tree("3"), F0)[:n_fails]
            fails = spec.split == "sealed" and spec.candidate in sides
            failure = ill if spec.candidate != F0 else CRASH
            return replace(trial, measurements=(), failure=failure) if fails else trial

    store = storage()
    with pytest.raises(IncidentOpen, match="F0 and F4 cannot be compared"):
        run(Odd(STEADY, batch=1, audit_every=4), store)
    assert [one.candidate for one in of_kind(store, Incident)] == [tree("3")]


def test_a_search_that_cannot_go_on_is_an_incident() -> None:
    """F2 claims too much; what is between F0 and F4 fails, so nobody can say who it was."""

    class Brittle(World):
        def run_trial(self, spec: TrialSpec) -> Trial:
            is_between = spec.split == "sealed" and spec.candidate == tree("1")
            trial = super().run_trial(spec)
            return replace(trial, measurements=(), failure=CRASH) if is_between else trial

    store, world = storage(), lucky(2)
    with pytest.raises(IncidentOpen, match="F0 and F2 cannot be compared: 4 of 8 trials"):
        run(Brittle(world.lines, batch=1, luck=world.luck, audit_every=4), store)
    assert looks(store) == [(0, 4)]
    assert len(of_kind(store, Incident)) == 1


def test_a_failed_trial_or_two_are_left_out() -> None:
    store = storage()
    assert run(steady(fails={"sealed/0/1": CRASH}), store) == DONE
    (found,) = of_kind(store, Audited)
    assert len(found.differences) == 3


class Uneven(World):
    """What is gained is gained on some items, and more than is gained is lost on others."""

    def run_trial(self, spec: TrialSpec) -> Trial:
        trial = super().run_trial(spec)
        value = trial["accuracy"].value
        spread = 0.0 if spec.candidate == F0 else 0.3
        found = replace(trial["accuracy"], items=(value - spread, value + spread))
        return replace(trial, measurements=(found,))


def test_a_used_up_panel_is_not_opened() -> None:
    store = storage()
    engine = Uneven(STEADY, batch=1, audit_every=1).engine(store, UNLIMITED)
    engine.reckoning = replace(engine.reckoning, n_sealed_items=10_000)
    assert engine.run() == DONE
    assert 0 < len(looks(store)) < 4


# What is due, and what was claimed, from histories written by hand.


def generation(number: int) -> Generation:
    return Generation(number=number, candidate=F0 if not number else tree(f"{number}"), commit="")


def after(*claims: float | None) -> History:
    """F0 and a promotion for each of ``claims``; None is one without evidence on record."""
    made = History()
    introduced = introduce(INITIAL)
    made.apply(introduced)
    made.apply(Promoted(generation=generation(0), hypothesis=""))
    for number, claim in enumerate(claims, 1):
        own = replace(
            INITIAL, id=tree(f"{number}"), index=number, parent=generation(number - 1).candidate
        )
        made.apply(introduce(own))
        made.apply(VerdictReached(verdict=verdict(number, claim), arm=T))
        made.apply(Promoted(generation=generation(number), hypothesis=""))
    return made


def verdict(number: int, claim: float | None, decision: Decision = Decision.PROMOTE) -> Verdict:
    comparison = Comparison(
        metric="accuracy", differences=(claim or 0.0,), estimate=claim or 0.0, lower=0.0, upper=1.0
    )
    return Verdict(
        candidate=tree(f"{number}"),
        incumbent=generation(number - 1).candidate,
        decision=decision,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        comparison=None if claim is None else comparison,
    )


def compared(before: int, after: int, gain: float, n_seeds: int = 4) -> Audited:
    return Audited(
        before=generation(before),
        after=generation(after),
        split="sealed",
        differences=(gain,) * n_seeds,
        lower=gain,
        upper=gain,
    )


def test_what_was_claimed_is_the_sum_of_estimates() -> None:
    made = after(0.1, 0.2, -0.05, None, 0.4)
    lines = made.generations
    assert claimed(made, lines) == pytest.approx(0.65)
    assert claimed(made, lines[:3]) == pytest.approx(0.3)
    assert claimed(made, lines[2:4]) == pytest.approx(-0.05)
    assert claimed(made, lines[:1]) == claimed(made, lines[3:5]) == 0.0


def test_an_earlier_verdict_on_the_same_tree_claims_nothing() -> None:
    made = after(0.1)
    made.apply(VerdictReached(verdict=verdict(1, 9.0, Decision.UNDECIDED), arm=T))
    assert claimed(made, made.generations) == pytest.approx(0.1)


def test_who_did_not_hold_up_claims_nothing() -> None:
    made = after(0.1, 0.2)
    made.apply(Incident(number=1, candidate=tree("2"), label="", detail="", voids=False))
    assert claimed(made, made.generations) == pytest.approx(0.1)


def test_who_lost_something_is_known_to_have_lost_it() -> None:
    made = after(0.1, 0.2, 0.3)
    made.apply(Incident(number=1, candidate=tree("2"), label="", detail="", voids=False))
    made.apply(compared(0, 2, -0.7))  # not about F2 alone
    assert claimed(made, made.generations) == pytest.approx(0.4)
    made.apply(compared(1, 2, -0.5))
    assert claimed(made, made.generations) == pytest.approx(-0.1)
    assert claimed(made, made.generations[:2]) == pytest.approx(0.1)
    made.apply(compared(1, 2, 0.1))  # the latest look counts, and no gain is given back
    assert claimed(made, made.generations) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("lower", "margin", "claim"), [(-0.1, 0.0, 0.2), (-0.1, 0.04, 0.0), (0.01, 0.04, 0.2)]
)
def test_what_is_only_shorter_claims_what_is_clearly_a_gain(
    lower: float, margin: float, claim: float
) -> None:
    made = after(0.2)
    (reached,) = made.verdicts
    found = reached.verdict.comparison
    assert found is not None
    shorter = replace(reached.verdict, comparison=replace(found, lower=lower), margin=margin)
    made.verdicts[:] = [replace(reached, verdict=shorter)]
    assert claimed(made, made.generations) == pytest.approx(claim)


@pytest.mark.parametrize(
    ("found", "claim", "short"),
    [
        (0.7, 1.0, False),
        (0.69, 1.0, True),
        (-1.0, 0.1, True),
        (0.0, 0.0, False),
        (-1.0, 0.0, True),  # nothing was claimed, but a loss is a loss
        (-1.0, -0.5, True),
        (0.0, -0.5, False),
        (-0.5, -0.5, False),  # as much as is known of
        (2.0, 1.0, False),
    ],
)
def test_seven_tenths_of_a_positive_claim_must_be_found(
    found: float, claim: float, short: bool
) -> None:
    assert falls_short(compared(0, 1, found), claim) is short


@pytest.mark.parametrize("claim", [0.0, 1e-9])
def test_a_loss_that_may_be_chance_is_none(claim: float) -> None:
    """Only where all of the interval is below 0 has something been lost."""
    for upper, is_lost in ((-0.01, True), (0.0, False), (0.05, False)):
        found = replace(compared(0, 1, -0.1), lower=-0.2, upper=upper)
        assert falls_short(found, claim) is (is_lost or claim > 0)


def due(made: History, *audits: Audited) -> list[int]:
    """For which numbers of promotions between two reckonings, up to 4, one is due now."""
    for audit in audits:
        made.apply(audit)
    return [every for every in range(5) if is_due(made, every, 4)]


def test_due_after_so_many_promotions() -> None:
    assert due(after()) == []
    assert due(after(0.1)) == [1]
    assert due(after(0.1, 0.1, 0.1)) == [1, 2, 3]


def test_every_comparison_with_f0_counts_also_those_on_demand() -> None:
    assert due(after(0.1, 0.1, 0.1), compared(0, 2, 0.2)) == [1]
    assert due(after(0.1, 0.1, 0.1), compared(0, 3, 0.3)) == []
    assert due(after(0.1, 0.1, 0.1), compared(0, 3, 0.3), compared(0, 1, 0.1)) == []
    assert due(after(0.1, 0.1, 0.1), compared(1, 3, 0.2)) == [1, 2, 3]
    assert due(after(0.1), compared(0, 0, 0.0)) == [1]


@pytest.mark.parametrize(("n_seeds", "counts"), [(1, False), (2, False), (3, True), (9, True)])
def test_a_glance_at_a_few_seeds_does_not_reset_the_clock(n_seeds: int, counts: bool) -> None:
    """A person who compares on two seeds puts nothing off; more than half of four count."""
    glance = compared(0, 3, 0.3, n_seeds)
    assert due(after(0.1, 0.1, 0.1), glance) == ([] if counts else [1, 2, 3])
    bad_news = compared(0, 3, 0.0, n_seeds)
    assert due(after(0.1, 0.1, 0.1), bad_news) == ([1, 2, 3, 4] if counts else [1, 2, 3])
    after_all = due(after(0.1, 0.1, 0.1), compared(0, 3, 0.3), bad_news)
    assert after_all == ([1, 2, 3, 4] if counts else []), "nor does it overrule a longer look"


def test_a_loss_where_nothing_is_claimed_is_due_until_an_incident_says_so() -> None:
    made = after(-0.01, 0.0)
    assert due(made, compared(0, 2, -0.1)) == [1, 2, 3, 4]
    for number in (1, 2):
        assert due(made) == [1, 2, 3, 4]
        doubt = Incident(
            number=number, candidate=tree(f"{number}"), label="", detail="", voids=False
        )
        made.apply(doubt)
    assert due(made) == [], "nobody is left who could be to blame"


def test_due_at_once_where_claims_fell_short_and_no_incident_says_so() -> None:
    assert due(after(0.1, 0.1, 0.1), compared(0, 3, 0.1)) == [1, 2, 3, 4]
    assert due(after(0.1, 0.1, 0.1), compared(0, 3, 0.1), compared(0, 1, 0.1)) == [1, 2, 3, 4]
    settled = due(after(0.1, 0.1, 0.1), compared(0, 3, 0.1), compared(0, 3, 0.3))
    assert settled == [], "the latest answer counts"
    made = after(0.1, 0.2)
    made.apply(Incident(number=1, candidate=tree("2"), label="", detail="", voids=False))
    assert due(made, compared(0, 2, 0.1)) == []


def test_void_generations_are_no_promotions() -> None:
    made = after(0.1, 0.1, 0.1)
    made.apply(Incident(number=1, candidate=tree("2"), label="", detail=""))
    assert due(made) == [1]
    assert due(made, compared(0, 3, 0.0)) == []


class Mixed(World):
    """On sealed items the incumbent crashes, but on the first pair neither side is scored."""

    def run_trial(self, spec: TrialSpec) -> Trial:
        trial = super().run_trial(spec)
        if spec.split != "sealed":
            return trial
        failure = CRASH if spec.candidate != F0 else None
        if spec.label.endswith("/0"):
            failure = Failure(kind=FailureKind.INVALID, detail="item 0: refused")
        return trial if failure is None else Trial(spec=spec, level="L3", failure=failure)


def test_one_answer_that_is_refused_on_both_sides_excuses_no_incumbent_that_crashes() -> None:
    store = storage()
    with pytest.raises(IncidentOpen, match="F0 and F4 cannot be compared: 5 of 8 trials"):
        run(Mixed(STEADY, batch=1, audit_every=4), store)
    (incident,) = of_kind(store, Incident)
    assert incident.candidate == lineage(store)[4]
