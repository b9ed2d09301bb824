"""The story of a study, told by the engine over made-up trials of known worth."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TypeVar, cast

import numpy as np
import pytest

from filial.calibration import Calibration
from filial.core import (
    SESSION_EVENTS,
    Approval,
    ApprovalGiven,
    Arm,
    Body,
    Budget,
    Calibrated,
    CalibrationPlanned,
    Candidate,
    Decision,
    Event,
    Failure,
    FailureKind,
    Generation,
    History,
    Judged,
    Measurement,
    Metric,
    Noise,
    Proposed,
    RunStarted,
    RunStopped,
    Seeds,
    Spend,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.drafting import Drafting
from filial.engine import Engine
from filial.errors import CodeError, ReplayMismatch, Stopped
from filial.executors import Inline
from filial.gates import Case, Gate, Rule, for_judged
from filial.journal import Journal
from filial.oversight import Approver, Envelope, Suggest
from filial.reckoning import Reckoning
from filial.schedule import Schedule
from filial.screening import Screening
from filial.storages import MemoryStorage, content

METRIC = Metric("accuracy", unit="share", smallest_effect=0.01)
SIGMA = 0.01
UNLIMITED = Budget()
OPENED = StudyOpened(
    name="s", goal="g", version="1", config="", exam="", data="", secret="", policy=""
)
T, P, C = Arm.TREATMENT, Arm.PLACEBO, Arm.CONTROL
CRASH = Failure(kind=FailureKind.CRASH, detail="exit code 1")
CHEAT = Failure(kind=FailureKind.INVALID, detail="item 0: not a sum")
SYNTAX = Failure(kind=FailureKind.SYNTAX, detail="answer.py:1: invalid syntax")

Worth = float | Failure
Line = tuple[Arm, Worth]
B = TypeVar("B", bound=Body)


def tree(name: str) -> str:
    return hashlib.sha1(name.encode()).hexdigest()  # noqa: S324 - a git tree's name


F0 = tree("initial")
INITIAL = Candidate(
    id=F0, index=-1, parent="", proposer="user", arm=T, hypothesis="the initial code"
)


@dataclass
class Script:
    """Drafts what it is told to; a failure in place of a worth refuses the proposal."""

    lines: Sequence[Line]

    def draft(self, history: History) -> Proposed | None:
        index = history.n_proposals
        if index >= len(self.lines):
            return None
        arm, worth = self.lines[index]
        parent = history.opponent_of(arm)
        made = Candidate(
            id=tree(f"{index}"),
            index=index,
            parent=parent,
            proposer="script",
            arm=arm,
            hypothesis=f"idea {index}",
        )
        refused = isinstance(worth, Failure) and worth is SYNTAX
        return Proposed(
            index=index,
            proposer="script",
            arm=arm,
            parent=parent,
            hypothesis=made.hypothesis,
            candidate=None if refused else made,
            failure=SYNTAX if refused else None,
        )


@dataclass
class World:
    """A study of candidates whose worth is known: what they add to the initial code's 0.5."""

    lines: Sequence[Line]
    initial: Worth = 0.0
    judged: Judged = Judged.RECIPE
    batch: int = 4
    approver: Approver | None = None
    check: Callable[[], None] = lambda: None
    secret: bytes = b"s" * 32
    audit_every: int = 0
    rungs: tuple[float, ...] = ()
    survivors: float = 0.0
    luck: Mapping[int, float] = field(default_factory=dict)  # nobody has it on the sealed split
    fails: Mapping[str, Failure] = field(default_factory=dict)  # by the beginning of the label
    ran: list[TrialSpec] = field(default_factory=list)

    def run_trial(self, spec: TrialSpec) -> Trial:
        self.ran.append(spec)
        worth = self.worth(spec)
        spend = Spend(wall_s=0.5, cpu_s=1.0)
        if isinstance(worth, Failure):
            return Trial(spec=spec, level="L3", failure=worth, spend=spend)
        rng = np.random.default_rng((int(spec.candidate[:8], 16), spec.build_seed, spec.exam_seed))
        noise = 0.0 if self.judged is Judged.CONSTRUCTION else rng.normal(0, SIGMA)
        value = 0.5 + worth + noise
        found = Measurement(metric="accuracy", value=value, items=(value, value))
        return Trial(spec=spec, level="L3", measurements=(found,), spend=spend)

    def worth(self, spec: TrialSpec) -> Worth:
        for beginning, failure in self.fails.items():
            if spec.label.startswith(beginning):
                return failure
        for i, (_, worth) in enumerate(self.lines):
            if tree(f"{i}") == spec.candidate:
                if isinstance(worth, Failure) or spec.split == "sealed":
                    return worth
                return worth + self.luck.get(i, 0.0)
        return self.initial

    def engine(self, storage: MemoryStorage, budget: Budget) -> Engine:
        gate: Gate = for_judged(self.judged, Rule())
        journal = Journal(storage, RunStarted(workers=1, level="L3"))
        schedule = Schedule(Seeds(self.secret), self.judged)
        executor = Inline(self.run_trial)
        return Engine(
            opened=OPENED,
            initial=INITIAL,
            blank=Case(
                challenger="",
                incumbent="",
                judged=self.judged,
                primary=METRIC,
                guards=(),
                noise=Noise(sigma=0.0, n_values=0),
                alpha=0.0,
            ),
            budget=budget,
            batch=self.batch,
            calibration=Calibration(
                budget=Budget(trials=60),
                side_by_side=1,
                judged=self.judged,
                primary=METRIC,
                gate=gate,
            ),
            schedule=schedule,
            journal=journal,
            drafting=cast("Drafting", Script(self.lines)),
            executor=executor,
            gate=gate,
            screening=Screening(
                schedule=schedule,
                journal=journal,
                executor=executor,
                gate=gate,
                rungs=self.rungs,
                survivors=self.survivors,
            ),
            reckoning=Reckoning(
                schedule=schedule,
                journal=journal,
                executor=executor,
                budget=budget,
                primary=METRIC,
                every=self.audit_every,
                n_seeds=4,
                n_sealed_items=0,
                check=self.check,
            ),
            approver=self.approver or Envelope(lambda: len(journal.history.generations) - 1, None),
            commit=lambda number, candidate, _verdict: Generation(
                number=number, candidate=candidate.id, commit=f"{number}" * 40
            ),
            check=self.check,
        )

    def run(self, storage: MemoryStorage, budget: Budget = UNLIMITED) -> str:
        return self.engine(storage, budget).run()


def storage() -> MemoryStorage:
    return MemoryStorage(count(1000.0, 0.25).__next__)


def cut(whole: MemoryStorage, n_events: int) -> MemoryStorage:
    """What a process that died after ``n_events`` leaves behind."""
    rest = storage()
    rest._rows = whole._rows[:n_events]
    rest._blobs = dict(whole._blobs)
    return rest


def story(storage: MemoryStorage) -> list[str]:
    bodies = [event.body for event in storage.events()]
    return [content(body) for body in bodies if not isinstance(body, SESSION_EVENTS)]


def of_kind(storage: MemoryStorage, kind: type[B]) -> list[B]:
    return [event.body for event in storage.events() if isinstance(event.body, kind)]


def history(storage: MemoryStorage) -> History:
    return History.of(storage.events())


def verdicts(storage: MemoryStorage) -> dict[int, tuple[Decision, str]]:
    """Decision on each proposal, and what it faced."""
    known = history(storage).standings
    return {
        known[v.verdict.candidate].candidate.index: (v.verdict.decision, v.verdict.incumbent)
        for v in of_kind(storage, VerdictReached)
    }


def lineage(storage: MemoryStorage) -> list[str]:
    return [generation.candidate for generation in history(storage).generations]


# In a batch of four the most promising goes first: placebo, treatment, control, treatment.
EVENTFUL: tuple[Line, ...] = (
    (T, 0.15),
    (P, 0.40),
    (T, SYNTAX),
    (C, 0.12),
    (T, 0.09),
    (T, 0.30),
    (T, CRASH),
    (C, 0.20),
    (T, -0.20),
    (T, CHEAT),
    (T, SYNTAX),
    (T, 0.31),
)


def test_a_real_gain_is_promoted() -> None:
    store = storage()
    assert World([(T, 0.1)]).run(store) == "the proposers have nothing more to say"
    assert lineage(store) == [F0, tree("0")]
    assert verdicts(store) == {0: (Decision.PROMOTE, F0)}
    promoted = history(store).generations[1]
    assert promoted == Generation(number=1, candidate=tree("0"), commit="1" * 40)
    assert store.verify() > 0


def test_no_gain_is_not_promoted() -> None:
    store = storage()
    World([(T, 0.0)] * 12).run(store)
    assert lineage(store) == [F0]
    assert len(verdicts(store)) == 12


def test_the_noise_is_measured_first() -> None:
    store = storage()
    World([(T, 0.1)]).run(store)
    assert of_kind(store, CalibrationPlanned) == [CalibrationPlanned(n_trials=6)]
    kinds = [type(event.body).__name__ for event in store.events()]
    assert kinds[:6] == [
        "RunStarted",
        "StudyOpened",
        "Proposed",
        "Promoted",
        "TrialFinished",
        "CalibrationPlanned",
    ]
    assert kinds[6:13] == ["TrialFinished"] * 5 + ["Calibrated", "Proposed"]
    first, second = of_kind(store, Calibrated)
    assert first.noise.n_values == 6
    assert second.noise.n_values == 9  # 5 + 3 degrees of freedom: each around its own mean
    for one in (first, second):
        assert 0.3 * SIGMA < one.noise.sigma < 3 * SIGMA


def test_a_placebo_with_a_promote_verdict_never_becomes_the_incumbent() -> None:
    store = storage()
    World([(P, 0.4), (T, 0.1)]).run(store)
    assert verdicts(store)[0] == (Decision.PROMOTE, F0)
    assert lineage(store) == [F0, tree("1")]
    assert [given.candidate for given in of_kind(store, ApprovalGiven)] == [tree("1")]


def test_the_control_arm_faces_f0_and_never_becomes_the_incumbent() -> None:
    store = storage()
    World([(T, 0.2), (C, 0.1), (C, 0.1)], batch=1).run(store)
    decided = verdicts(store)
    assert decided[0] == (Decision.PROMOTE, F0)
    assert decided[1] == decided[2] == (Decision.PROMOTE, F0)
    assert lineage(store) == [F0, tree("0")]


def test_the_control_arm_has_an_error_budget_of_its_own() -> None:
    store = storage()
    World([(C, 0.1), (C, 0.1), (T, 0.1)], batch=1).run(store)
    known = history(store)
    assert [v.candidate for v in known.control_confirmations] == [tree("0"), tree("1")]
    assert [v.candidate for v in known.confirmations] == [tree("2")]
    first, second = known.control_confirmations
    assert known.confirmations[0].alpha == first.alpha
    assert second.alpha > first.alpha  # a promotion earns more


def test_who_comes_late_is_parked() -> None:
    """Its evidence would be about an incumbent that is none any more."""
    store = storage()
    World([(T, 0.1), (T, 0.3)]).run(store)
    assert lineage(store) == [F0, tree("1")]
    parked = of_kind(store, VerdictReached)[-1].verdict
    assert parked.candidate == tree("0")
    assert (parked.decision, parked.alpha) == (Decision.UNDECIDED, 0.0)
    assert "another challenger became the incumbent" in parked.reason
    assert history(store).standings[tree("0")].is_parked
    assert not [
        trial
        for trial in of_kind(store, TrialFinished)
        if trial.trial.spec.candidate == tree("0") and trial.trial.spec.split == "confirm"
    ]


def test_the_most_promising_is_confirmed_first() -> None:
    store = storage()
    World([(P, 0.1), (P, 0.3), (P, 0.2)]).run(store)
    assert [v.verdict.candidate for v in of_kind(store, VerdictReached)] == [
        tree("1"),
        tree("2"),
        tree("0"),
    ]


def test_generations_build_upon_each_other() -> None:
    store = storage()
    World([(T, 0.1), (T, 0.2), (T, 0.1), (T, 0.3)], batch=1).run(store)
    assert lineage(store) == [F0, tree("0"), tree("1"), tree("3")]
    decided = verdicts(store)
    assert decided[1] == (Decision.PROMOTE, tree("0"))
    assert decided[2] == (Decision.REJECT, tree("1"))
    assert decided[3] == (Decision.PROMOTE, tree("1"))


def test_a_candidates_failure_costs_one_trial() -> None:
    store = storage()
    world = World([(T, CRASH), (T, CHEAT)])
    world.run(store)
    assert verdicts(store) == {0: (Decision.REJECT, F0), 1: (Decision.VOID, F0)}
    assert [s.candidate for s in world.ran if s.candidate != F0] == [tree("0"), tree("1")]


def test_a_refused_proposal_costs_no_trial() -> None:
    store = storage()
    world = World([(T, SYNTAX), (T, 0.1)])
    world.run(store)
    assert [refused.failure for refused in history(store).refusals] == [SYNTAX]
    assert lineage(store) == [F0, tree("1")]
    assert tree("0") not in {s.candidate for s in world.ran}


def test_many_refusals_in_a_row_end_nothing() -> None:
    store = storage()
    World([(T, SYNTAX)] * 90 + [(T, 0.1)], batch=2).run(store)
    assert lineage(store) == [F0, tree("90")]


def test_refusals_without_end_end_the_run_but_not_the_study() -> None:
    store = storage()
    world = [(T, SYNTAX)] * 700
    assert World(world, batch=2).run(store).startswith("every proposal of late was refused")
    assert history(store).n_proposals == 500
    assert World(world, batch=2).run(store) == "the proposers have nothing more to say"
    assert history(store).n_proposals == 700


def test_pairs_share_their_seeds_and_alternate_their_order() -> None:
    store = storage()
    World([(T, 0.04)]).run(store)
    specs = [t.trial.spec for t in of_kind(store, TrialFinished)]
    confirm = [spec for spec in specs if spec.label.startswith("confirm/")]
    pairs = list(zip(confirm[::2], confirm[1::2], strict=True))
    assert len(pairs) >= 3
    for k, (first, second) in enumerate(pairs):
        assert (first.build_seed, first.exam_seed) == (second.build_seed, second.exam_seed)
        assert first.label == second.label == f"confirm/{tree('0')[:12]}/{k}"
        order = [F0, tree("0")][:: -1 if k % 2 else 1]
        assert [first.candidate, second.candidate] == order
    n_once_more = 2 + 4  # built from source again, then dev trials of the new incumbent
    assert len({spec.exam_seed for spec in specs}) == 6 + len(pairs) + n_once_more


def test_small_harms_do_not_add_up_over_generations() -> None:
    """Each step is within the guard's tolerance, against the incumbent of the time."""
    memory = Metric("memory", direction="min", tolerance=10.0)

    class Slices(World):
        def run_trial(self, spec: TrialSpec) -> Trial:
            trial = super().run_trial(spec)
            worth = self.worth(spec)
            assert isinstance(worth, float)
            used = 100 + 60 * worth + trial["accuracy"].value  # 6 more a step, and some noise
            found = Measurement(metric="memory", value=used)
            return replace(trial, measurements=(*trial.measurements, found))

        def engine(self, storage: MemoryStorage, budget: Budget) -> Engine:
            engine = super().engine(storage, budget)
            engine.blank = replace(engine.blank, guards=(memory,))
            return engine

    store = storage()
    world = Slices([(T, 0.1), (T, 0.2), (T, 0.3), (C, 0.1)], batch=1)
    world.run(store)
    assert lineage(store) == [F0, tree("0")]
    decided = [reached.verdict for reached in of_kind(store, VerdictReached)]
    assert [v.decision for v in decided[:3]] == [
        Decision.PROMOTE,
        Decision.REJECT,
        Decision.REJECT,
    ]
    assert decided[1].reason == "memory is worse since F0 than its tolerance allows"
    assert decided[1].guards[0].harm < memory.tolerance
    assert decided[0].guards[0].since_f0 is None  # it faced F0 itself
    assert decided[3].guards[0].since_f0 is None
    before = story(store)
    world.run(store)
    assert story(store) == before


def test_learning_the_dev_items_is_worth_nothing_after_a_promotion() -> None:
    """Each generation's challengers are screened on a seed that none before them was tried on."""
    store = storage()
    world = World([(T, 0.1), (T, 0.05), (C, 0.05), (T, 0.3), (T, 0.2)], batch=1)
    world.run(store)
    assert lineage(store) == [F0, tree("0"), tree("3")]
    chosen = [(made.generation, made.screen_k) for made in of_kind(store, Calibrated)]
    assert [number for number, _ in chosen] == [0, 1, 2]
    seeds = [k for _, k in chosen]
    assert [seeds[0] in range(6), seeds[1] in range(40, 44), seeds[2] in range(44, 48)] == [
        True
    ] * 3
    standings = history(store).standings
    screened = {
        standing.candidate.index: [
            int(label[4:]) for label in standing.trials if label.startswith("dev/")
        ]
        for standing in standings.values()
    }
    assert screened[0] == [seeds[0], 40, 41, 42, 43]  # as challenger, then as incumbent
    assert screened[1] == [seeds[1]]
    assert screened[2] == [seeds[0]]  # the control arm faces F0, on F0's seed
    assert screened[3] == [seeds[1], 44, 45, 46, 47]
    assert screened[4] == [seeds[2]]
    assert [made.noise.n_values for made in of_kind(store, Calibrated)] == [6, 9, 12]


def test_the_new_dev_seed_is_where_the_incumbent_is_typical() -> None:
    store = storage()
    World([(T, 0.1)]).run(store)
    trials = history(store).standings[tree("0")].trials
    values = {k: trials[f"dev/{k}"]["accuracy"].value for k in range(40, 44)}
    assert sorted(values, key=values.__getitem__)[1] == history(store).screen_k


def test_an_incumbent_that_fails_on_every_fresh_dev_seed_keeps_the_old_one() -> None:
    dev_40_to_43 = {f"dev/{k}" for k in range(40, 44)}

    class Moody(World):
        def run_trial(self, spec: TrialSpec) -> Trial:
            trial = super().run_trial(spec)
            if spec.candidate == tree("0") and spec.label in dev_40_to_43:
                return replace(trial, measurements=(), failure=CRASH)
            return trial

    store = storage()
    Moody([(T, 0.1), (T, 0.2)], batch=1).run(store)
    assert lineage(store) == [F0, tree("0"), tree("1")]
    first, second, _ = of_kind(store, Calibrated)
    assert second == replace(first, generation=1)


def test_a_ledger_from_when_all_generations_shared_a_dev_seed_is_not_continued() -> None:
    store = storage()
    world = World([(T, 0.1), (T, 0.2)], batch=1)
    world.run(store)
    old = storage()
    old._blobs = dict(store._blobs)
    for event in store.events():
        match event.body:
            case Calibrated(generation=number) if number:
                continue
            case TrialFinished(trial=trial) if trial.spec.label in {
                f"dev/{k}" for k in range(40, 48)
            }:
                continue
            case body:
                old.append(body)
    with pytest.raises(ReplayMismatch, match="another version"):
        world.run(old)
    assert history(old).generations == history(store).generations  # but it can be read


def test_a_construction_needs_no_luck() -> None:
    store = storage()
    World([(T, 0.02), (T, 0.005)], judged=Judged.CONSTRUCTION, batch=1).run(store)
    assert of_kind(store, CalibrationPlanned) == [CalibrationPlanned(n_trials=1)]
    assert verdicts(store) == {0: (Decision.PROMOTE, F0), 1: (Decision.REJECT, tree("0"))}
    assert history(store).survivors == [tree("0")]

    labels = [one.trial.spec.label for one in of_kind(store, TrialFinished)]
    assert not [label for label in labels if label.startswith("replicate/")]


def test_a_gain_that_cannot_be_built_again_is_none() -> None:
    store = storage()
    world = World([(T, 0.1), (T, 0.1)], fails={f"replicate/{tree('0')[:12]}/1": CRASH}, batch=1)
    world.run(store)
    assert verdicts(store) == {0: (Decision.REJECT, F0), 1: (Decision.PROMOTE, F0)}
    assert lineage(store) == [F0, tree("1")]
    first, second = history(store).confirmations
    assert first.reason == "built from source again, it failed: crash: exit code 1"
    assert first.comparison is not None
    assert 0 < second.alpha < first.alpha, "it has spent its share of the error budget"
    before = story(store)
    for n in range(0, len(store._rows), 3):
        rest = cut(store, n)
        replace(world, ran=[]).run(rest)
        assert story(rest) == before


def test_placebos_and_controls_are_built_again_too() -> None:
    """They face what an idea faces, or their rates would say nothing about ideas."""
    store = storage()
    World([(P, 0.4), (C, 0.3)], batch=1).run(store)
    labels = [one.trial.spec.label for one in of_kind(store, TrialFinished)]
    again = [label for label in labels if label.startswith("replicate/")]
    assert again == [f"replicate/{tree(name)[:12]}/{k}" for name in "01" for k in range(2)]


def test_code_that_cannot_sit_the_exam_opens_no_study() -> None:
    store = storage()
    with pytest.raises(CodeError, match="the initial code cannot sit the exam: crash: exit code"):
        World([(T, 0.1)], initial=CRASH).run(store)
    assert list(store.events()) == []


def test_a_denied_promotion_does_not_take_effect() -> None:
    store = storage()
    World([(T, 0.1), (T, 0.2)], approver=Suggest(), batch=1).run(store)
    assert lineage(store) == [F0]
    assert [v for v, _ in verdicts(store).values()] == [Decision.PROMOTE] * 2
    given = of_kind(store, ApprovalGiven)
    assert [one.approval.granted for one in given] == [False, False]
    assert history(store).standings[tree("0")].approval == given[0].approval


def test_a_person_is_asked_once() -> None:
    """A study told again does not ask again, whatever the answer would be now."""
    asked: list[str] = []

    class Once:
        def decide(self, verdict: Verdict) -> Approval:
            asked.append(verdict.candidate)
            return Approval(granted=len(asked) == 1, by="ada", reason="")

    store = storage()
    world = World([(T, 0.1)], approver=Once())
    world.run(store)
    world.run(store)
    assert asked == [tree("0")]
    assert lineage(store) == [F0, tree("0")]


def test_the_budget_ends_the_run_and_is_named() -> None:
    store = storage()
    lines = [(T, -0.1)] * 50
    assert World(lines).run(store, Budget(candidates=10)) == "the budget is used up: candidates"
    assert history(store).spend.candidates == 10
    assert World(lines).run(store, Budget(candidates=10)) == "the budget is used up: candidates"
    assert history(store).spend.candidates == 10


def test_a_budget_used_up_by_refusals_is_named_too() -> None:
    reason = World([(T, SYNTAX)] * 50).run(storage(), Budget(candidates=3))
    assert reason == "the budget is used up: candidates"


def test_an_unchanged_study_told_again_adds_nothing() -> None:
    store = storage()
    world = World(EVENTFUL)
    reason = world.run(store)
    before = list(store.events())
    world.ran.clear()
    assert world.run(store) == reason
    assert list(store.events()) == before
    assert world.ran == []


@pytest.fixture(scope="module")
def undisturbed() -> MemoryStorage:
    store = storage()
    World(EVENTFUL).run(store)
    return store


def test_the_eventful_story_has_every_event(undisturbed: MemoryStorage) -> None:
    """What the tests below interrupt: promotions, a placebo's, controls, parking, failures."""
    decided = verdicts(undisturbed)
    assert lineage(undisturbed) == [F0, tree("0"), tree("5")]
    assert decided[1] == (Decision.PROMOTE, F0)
    assert decided[3] == decided[7] == (Decision.PROMOTE, F0)
    assert decided[4] == (Decision.UNDECIDED, F0)
    assert decided[6][0] is Decision.REJECT
    assert decided[9][0] is Decision.VOID
    order = [v.verdict.candidate for v in of_kind(undisturbed, VerdictReached)]
    assert order[:4] == [tree("1"), tree("0"), tree("3"), tree("4")]
    assert len(story(undisturbed)) > 70


def test_cut_off_after_every_single_event(undisturbed: MemoryStorage) -> None:
    expected = story(undisturbed)
    n_events = len(undisturbed._rows)
    for n in range(n_events + 1):
        rest = cut(undisturbed, n)
        assert World(EVENTFUL).run(rest) == "the proposers have nothing more to say"
        assert story(rest) == expected, f"cut off after {n} events"
        assert rest.verify() >= n_events


def test_cut_off_again_and_again(undisturbed: MemoryStorage) -> None:
    """A process that never survives more than one new event still gets there."""
    n_left = 0

    class Doomed(MemoryStorage):
        def append(self, body: Body) -> Event:
            nonlocal n_left
            if not isinstance(body, SESSION_EVENTS):
                if n_left == 0:
                    raise Stopped("killed")
                n_left -= 1
            return super().append(body)

    store = Doomed(count(1000.0, 0.25).__next__)
    for _ in range(len(undisturbed._rows) + 1):
        n_left = 1
        try:
            World(EVENTFUL).run(store)
        except Stopped:
            continue
        break
    assert story(store) == story(undisturbed)


def test_no_trial_on_record_is_run_again(undisturbed: MemoryStorage) -> None:
    for n in range(0, len(undisturbed._rows), 7):
        rest = cut(undisturbed, n)
        on_record = {(t.trial.spec.candidate, t.trial.spec.label) for t in trials(rest)}
        world = World(EVENTFUL)
        world.run(rest)
        again = {(spec.candidate, spec.label) for spec in world.ran}
        assert not on_record & again


def trials(storage: MemoryStorage) -> list[TrialFinished]:
    return of_kind(storage, TrialFinished)


def test_any_trials_budget_can_be_raised(undisturbed: MemoryStorage) -> None:
    """Wherever it ends a run, also within a confirmation, the study goes on as if it had not."""
    n_trials = history(undisturbed).spend.trials
    inside = 0
    for n in range(1, n_trials + 1):
        store = storage()
        assert World(EVENTFUL).run(store, Budget(trials=n)) == "the budget is used up: trials"
        assert n <= history(store).spend.trials
        last = list(store.events())[-1].body
        inside += isinstance(last, TrialFinished) and last.trial.spec.split == "confirm"
        World(EVENTFUL).run(store)
        assert story(store) == story(undisturbed), f"after {n} trials"
    assert inside > 10


def test_a_budget_raised_bit_by_bit(undisturbed: MemoryStorage) -> None:
    store = storage()
    for n in range(1, history(undisturbed).spend.trials + 1):
        World(EVENTFUL).run(store, Budget(trials=n))
    World(EVENTFUL).run(store)
    assert story(store) == story(undisturbed)


@pytest.mark.parametrize("n", range(1, len(EVENTFUL)))
def test_any_candidates_budget_can_be_raised(n: int) -> None:
    """Batches may fall differently, but the record stays one that can be continued."""
    store = storage()
    World(EVENTFUL).run(store, Budget(candidates=n))
    assert history(store).spend.candidates == n
    World(EVENTFUL).run(store)
    after = story(store)
    World(EVENTFUL).run(store)
    assert story(store) == after
    assert lineage(store)[-1] in {tree("5"), tree("11")}


def test_stopped_at_every_safe_point(undisturbed: MemoryStorage) -> None:
    store = storage()
    n_runs = 0
    while True:
        n_runs += 1
        n_checks = 0

        def check() -> None:
            nonlocal n_checks
            n_checks += 1
            if n_checks == n_runs:  # noqa: B023 - called within this round
                raise Stopped("enough")

        try:
            World(EVENTFUL, check=check).run(store)
        except Stopped:
            continue
        break
    assert n_runs > 20
    assert story(store) == story(undisturbed)


def test_batches_are_part_of_the_story() -> None:
    stories = set()
    for batch in (1, 2, 4):
        store = storage()
        World(EVENTFUL, batch=batch).run(store)
        stories.add(json.dumps(story(store)))
    assert len(stories) == 3


def test_another_study_cannot_continue_the_ledger(undisturbed: MemoryStorage) -> None:
    with pytest.raises(ReplayMismatch, match="event 5 of the ledger is trial dev/0"):
        World(EVENTFUL, secret=b"t" * 32).run(cut(undisturbed, 60))


def test_the_frame_of_a_run_is_not_the_engines_business(undisturbed: MemoryStorage) -> None:
    assert len(of_kind(undisturbed, RunStarted)) == 1
    assert of_kind(undisturbed, RunStopped) == []


def test_a_budget_lowered_below_what_was_spent_changes_nothing(
    undisturbed: MemoryStorage,
) -> None:
    rest = cut(undisturbed, len(undisturbed._rows))
    engine = World(EVENTFUL).engine(rest, Budget(trials=3))
    assert engine.run() == "the budget is used up: trials"
    assert story(rest) == story(undisturbed)
    assert engine.journal.history == history(rest)


RACING: tuple[Line, ...] = (
    (T, 0.15),
    (T, -0.20),
    (T, -0.21),
    (C, -0.22),
    (T, -0.05),
    (T, 0.30),
    (T, CRASH),
    (C, 0.12),
    (T, 0.0),
    (T, 0.20),
    (T, 0.25),
)


def test_rungs_and_lots_are_part_of_the_story() -> None:
    def world() -> World:
        return World(RACING, rungs=(0.4,), survivors=0.5, batch=3)

    store = storage()
    world().run(store)
    known = history(store)
    assert lineage(store) == [F0, tree("0"), tree("5")]
    # Of these three, one came after another had become the incumbent.
    assert list(known.spared) == [tree("4"), tree("9"), tree("10")]
    assert known.standings[tree("4")].is_parked
    decided = {v.candidate: v.decision for v in known.confirmations}
    assert decided[tree("9")] is decided[tree("10")] is Decision.REJECT
    assert not set(known.survivors) & set(known.spared)
    for generation in known.generations:  # each opponent ran at the rung, on its own dev seed
        seed = known.screen_seeds[generation.number]
        assert f"dev/{seed}@0.4" in known.standings[generation.candidate].trials
    expected = story(store)
    for n in range(0, len(store._rows) + 1, 4):
        rest = cut(store, n)
        world().run(rest)
        assert story(rest) == expected, f"cut off after {n} events"
