"""First looks at candidates of known learning curves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from filial.core import (
    SESSION_EVENTS,
    Arm,
    Body,
    Calibrated,
    Candidate,
    Decision,
    Failure,
    FailureKind,
    Generation,
    Judged,
    Measurement,
    Metric,
    Noise,
    Promoted,
    Proposed,
    RunStarted,
    Seeds,
    Spared,
    Spend,
    Trial,
    TrialFinished,
    TrialSpec,
    VerdictReached,
)
from filial.executors import Inline
from filial.gates import for_judged
from filial.gates.base import Case
from filial.journal import Journal
from filial.schedule import Schedule
from filial.screening import Screening
from filial.storages import MemoryStorage, content

T = Arm.TREATMENT
ACCURACY = Metric("accuracy", unit="share", smallest_effect=0.01)
MEMORY = Metric("memory", unit="MiB", direction="min", tolerance=10.0)
SIGMA = 0.01
RUNGS = (0.25, 0.5)
K = 3  # number of the dev seed of F0's challengers

Point = float | Failure
Curve = Mapping[float, Point]

CRASH = Failure(kind=FailureKind.CRASH, detail="exit code 1")
LATE = Failure(kind=FailureKind.CPU, detail="the build ended by cpu")
CHEAT = Failure(kind=FailureKind.INVALID, detail="not causal")
FLAT = {0.25: 0.30, 0.5: 0.40, 1.0: 0.50}


def curve(*points: Point) -> Curve:
    return dict(zip((0.25, 0.5, 1.0), points, strict=False))


def storage() -> MemoryStorage:
    return MemoryStorage(count(1000.0, 0.25).__next__)


@dataclass
class Race:
    """One batch of candidates against F0, which learns as ``initial`` says."""

    curves: Mapping[str, Curve]
    arm: Arm = T
    initial: Curve = field(default_factory=lambda: FLAT)
    judged: Judged = Judged.RECIPE
    rungs: tuple[float, ...] = RUNGS
    survivors: float = 0.0
    n_tokens: int = 100
    primary: Metric = ACCURACY
    guards: tuple[Metric, ...] = ()
    hogs: Sequence[str] = ()
    items: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    store: MemoryStorage = field(default_factory=storage)
    ran: list[TrialSpec] = field(default_factory=list)

    @property
    def schedule(self) -> Schedule:
        return Schedule(Seeds(b"s" * 32), self.judged)

    def trial(self, spec: TrialSpec) -> Trial:
        self.ran.append(spec)
        point = {"f0": self.initial, **self.curves}[spec.candidate][spec.fraction]
        spend = Spend(wall_s=1.0, cpu_s=spec.fraction)
        if isinstance(point, Failure):
            return Trial(spec=spec, level="L3", failure=point, spend=spend)
        memory = 200.0 if spec.candidate in self.hogs else 100.0
        found = (
            Measurement(metric="accuracy", value=point, items=self.items.get(spec.candidate, ())),
            Measurement(metric="memory", value=memory),
        )
        return Trial(spec=spec, level="L3", measurements=found, spend=spend)

    def run(self, n_batches: int = 1) -> list[str]:
        """Returns who goes on, in order; of the last batch where there are more."""
        journal = Journal(self.store, RunStarted(workers=1, level="L3"))
        executor = Inline(self.trial)
        journal.once(Proposed, lambda: proposed("f0", -1, T, 100))
        first = Generation(number=0, candidate="f0", commit="")
        journal.once(Promoted, lambda: Promoted(generation=first, hypothesis=""))
        list(journal.trials([self.schedule.dev("f0", K)], executor))
        noise = Noise(sigma=SIGMA, n_values=20)
        journal.once(Calibrated, lambda: Calibrated(noise=noise, screen_k=K))
        screening = Screening(
            schedule=self.schedule,
            journal=journal,
            executor=executor,
            gate=for_judged(self.judged),
            rungs=self.rungs,
            survivors=self.survivors,
        )
        blank = Case(
            challenger="",
            incumbent="",
            judged=self.judged,
            primary=self.primary,
            guards=self.guards,
            noise=noise,
            alpha=0.0,
        )
        names = list(self.curves)
        cases: list[Case] = []
        for k in range(n_batches):
            batch = []
            for index, name in list(enumerate(names))[k::n_batches]:
                made = proposed(name, index, self.arm, self.n_tokens)
                batch.append(journal.once(Proposed, lambda made=made: made).candidate)  # type: ignore[misc]  # bound now
            cases = screening.cases([c for c in batch if c is not None], blank)
        assert {case.incumbent for case in cases} <= {"f0"}
        return [case.challenger for case in cases]

    def rejected(self) -> dict[str, tuple[Decision, str]]:
        found = [e.body.verdict for e in self.store.events() if isinstance(e.body, VerdictReached)]
        assert all(verdict.alpha == 0 for verdict in found)  # no error budget is spent
        return {verdict.candidate: (verdict.decision, verdict.reason) for verdict in found}

    def spared(self) -> dict[str, str]:
        bodies = [event.body for event in self.store.events()]
        return {body.candidate: body.reason for body in bodies if isinstance(body, Spared)}

    def labels(self, candidate: str) -> list[str]:
        return [spec.label for spec in self.ran if spec.candidate == candidate]


def proposed(
    name: str, index: int, arm: Arm = T, n_tokens: int = 0, parent: str = "f0"
) -> Proposed:
    made = Candidate(
        id=name,
        index=index,
        parent=parent,
        proposer="p",
        arm=arm,
        hypothesis="h",
        n_tokens=n_tokens,
    )
    return Proposed(
        index=index, proposer="p", arm=arm, parent=parent, hypothesis="h", candidate=made
    )


def names(*, lucky: bool, share: float = 0.5) -> list[str]:
    """Names of candidates whom the lot would spare, or would not."""
    schedule = Schedule(Seeds(b"s" * 32), Judged.RECIPE)
    every = [f"c{n}" for n in range(40)]
    return [name for name in every if (schedule.lot(name) < share) is lucky]


LUCKY, UNLUCKY = names(lucky=True)[0], names(lucky=False)[0]

# learning curve → how many trials it gets, and its verdict, if the screens have one
CURVES: dict[str, tuple[Curve, int, tuple[Decision, str] | None]] = {
    "ahead all the way": (curve(0.31, 0.41, 0.55), 3, None),
    "level, then ahead": (curve(0.30, 0.40, 0.55), 3, None),
    "late but not too late": (curve(0.30, 0.50, 0.511), 3, None),
    "behind at first": (
        curve(0.28),
        1,
        (Decision.REJECT, "behind F0 after 25 % of the build, by 0.02 share"),
    ),
    "falling behind": (
        curve(0.35, 0.397),
        2,
        (Decision.REJECT, "behind F0 after 50 % of the build, by 0.003 share"),
    ),
    "too small a gain in the end": (
        curve(0.35, 0.45, 0.505),
        3,
        (Decision.REJECT, "gain 0.005 share on the dev pair, below 0.01 share"),
    ),
    "crashing at first": (
        curve(CRASH),
        1,
        (Decision.REJECT, "at 25 % of the build: crash: exit code 1"),
    ),
    "overstaying later": (
        curve(0.35, LATE),
        2,
        (Decision.REJECT, "at 50 % of the build: cpu: the build ended by cpu"),
    ),
    "crashing in the end": (
        curve(0.35, 0.45, CRASH),
        3,
        (Decision.REJECT, "crash: exit code 1"),
    ),
    "cheating": (curve(CHEAT), 1, (Decision.VOID, "at 25 % of the build: invalid: not causal")),
    "beyond all bounds": (
        curve(1e300),
        1,
        (Decision.REJECT, "at 25 % of the build: non_finite: accuracy is 1e+300"),
    ),
}


@pytest.mark.parametrize("arm", Arm)
@pytest.mark.parametrize(("points", "n_trials", "verdict"), CURVES.values(), ids=CURVES)
def test_a_candidate_that_is(
    points: Curve, n_trials: int, verdict: tuple[Decision, str] | None, arm: Arm
) -> None:
    race = Race({"a": points}, arm)
    assert race.run() == (["a"] if verdict is None else [])
    assert race.rejected() == ({} if verdict is None else {"a": verdict})
    assert race.labels("a") == ["dev/3@0.25", "dev/3@0.5", "dev/3"][:n_trials]


def test_both_sides_run_on_the_same_seeds_for_the_same_time() -> None:
    race = Race({"a": FLAT | {1.0: 0.6}})
    race.run()
    own = {spec.label: spec for spec in race.ran if spec.candidate == "a"}
    faced = {spec.label: spec for spec in race.ran if spec.candidate == "f0"}
    assert list(own) == ["dev/3@0.25", "dev/3@0.5", "dev/3"]
    assert own == {label: replace(spec, candidate="a") for label, spec in faced.items()}
    assert {(spec.build_seed, spec.exam_seed) for spec in race.ran} == {
        (race.ran[0].build_seed, race.ran[0].exam_seed)
    }


def test_the_opponent_runs_once_whoever_challenges_it() -> None:
    race = Race({name: FLAT | {1.0: 0.6} for name in "abcdef"})
    race.run(n_batches=3)
    assert race.labels("f0") == ["dev/3", "dev/3@0.25", "dev/3@0.5"]


def test_the_opponent_does_not_run_where_nobody_is_left() -> None:
    race = Race({"a": curve(CRASH), "b": curve(0.1)})
    assert race.run() == []
    assert race.labels("f0") == ["dev/3", "dev/3@0.25"]


def test_without_rungs_there_is_one_trial_each() -> None:
    race = Race({"a": curve(0.1, 0.1, 0.6), "b": curve(0.9, 0.9, 0.4)}, rungs=())
    assert race.run() == ["a"]
    assert [(s.candidate, s.label) for s in race.ran] == [
        ("f0", "dev/3"),
        ("a", "dev/3"),
        ("b", "dev/3"),
    ]


def test_the_most_promising_of_the_whole_trials_goes_first() -> None:
    race = Race({"a": curve(0.9, 0.9, 0.6), "b": curve(0.4, 0.5, 0.8), "c": curve(0.4, 0.5, 0.7)})
    assert race.run() == ["b", "c", "a"]


@pytest.mark.parametrize("faced", [LATE, 1e300])
def test_where_the_opponent_fails_too_time_is_too_short_to_blame_anybody(faced: Point) -> None:
    initial = FLAT | {0.25: faced}
    curves = {"a": curve(LATE, 0.5, 0.6), "b": curve(0.1, 0.5, 0.7), "c": curve(CHEAT)}
    race = Race(curves, initial=initial)
    assert race.run() == ["b", "a"]
    assert race.rejected() == {
        "c": (Decision.VOID, "at 25 % of the build: invalid: not causal"),
    }


@pytest.mark.parametrize(
    ("arm", "n_tokens", "first", "goes_on"),
    [
        (T, 50, 0.285, True),
        (T, 50, 0.275, False),
        (T, 100, 0.295, False),
        (Arm.PLACEBO, 50, 0.295, False),
    ],
)
def test_a_shorter_program_may_lie_behind_by_what_noise_explains(
    arm: Arm, n_tokens: int, first: float, goes_on: bool
) -> None:
    coarse = replace(ACCURACY, smallest_effect=0.04)  # so that "not worse" can be shown
    race = Race({"a": curve(first, 0.4, 0.5)}, arm, n_tokens=n_tokens, primary=coarse)
    assert race.run() == (["a"] if goes_on else [])


def test_a_few_are_spared_by_lot() -> None:
    """They skip what is left of the screens, and are confirmed last."""
    first, second = names(lucky=True)[:2]
    curves = {
        first: curve(0.28),
        "good": curve(0.9, 0.9, 0.9),
        UNLUCKY: curve(0.28),
        second: curve(0.9, 0.9, 0.505),
    }
    race = Race(curves, survivors=0.5)
    assert race.run() == ["good", first, second]
    assert race.spared() == {
        first: "behind F0 after 25 % of the build, by 0.02 share",
        second: "gain 0.005 share on the dev pair, below 0.01 share",
    }
    assert list(race.rejected()) == [UNLUCKY]
    assert race.labels(first) == ["dev/3@0.25"]


def test_nobody_is_spared_for_anything_but_too_small_a_gain() -> None:
    lucky = names(lucky=True)
    curves = {
        lucky[0]: curve(CRASH),
        lucky[1]: curve(CHEAT),
        lucky[2]: curve(0.35, 0.45, CRASH),
        lucky[3]: curve(0.35, 0.45, 0.6),  # a hog, with a gain
        lucky[4]: curve(0.35, 0.45, 0.5),  # a hog, without
    }
    race = Race(curves, survivors=0.5, guards=(MEMORY,), hogs=lucky[3:5])
    assert race.run() == []
    assert race.spared() == {}
    assert [decision for decision, _ in race.rejected().values()] == [
        Decision.REJECT,
        Decision.VOID,
        *[Decision.REJECT] * 3,
    ]


def test_a_guard_that_holds_does_not_keep_anybody_from_being_spared() -> None:
    race = Race({LUCKY: curve(0.35, 0.45, 0.5)}, survivors=0.5, guards=(MEMORY,))
    assert race.run() == [LUCKY]
    assert list(race.spared()) == [LUCKY]


@pytest.mark.parametrize("arm", [arm for arm in Arm if arm is not T])
def test_only_the_treatment_arm_is_spared(arm: Arm) -> None:
    curves = {name: curve(0.28) for name in names(lucky=True)}
    assert Race(curves, arm, survivors=0.5).run() == []


def test_an_exact_value_is_never_rejected_by_mistake() -> None:
    first, second = names(lucky=True)[:2]
    curves = {first: curve(0.35, 0.45, 0.5), second: curve(0.28)}
    race = Race(curves, judged=Judged.CONSTRUCTION, survivors=0.5)
    assert race.run() == [second]  # a short build proves nothing about a whole one
    assert list(race.rejected()) == [first]


@pytest.mark.parametrize("survivors", [0.0, 0.05, 0.5])
def test_who_is_spared_is_the_lots_alone(survivors: float) -> None:
    every = [f"c{n}" for n in range(40)]
    race = Race({name: curve(0.28) for name in every}, survivors=survivors)
    expected = [n for n in every if n in names(lucky=True, share=survivors)]
    assert race.run() == expected
    again = Race({name: curve(0.28) for name in reversed(every)}, survivors=survivors)
    assert again.run(n_batches=1) == expected[::-1]
    assert bool(expected) == (survivors > 0)


def test_cut_off_after_every_single_event() -> None:
    lucky = names(lucky=True)[:2]
    curves = {
        lucky[0]: curve(0.28),
        "good": curve(0.9, 0.9, 0.9),
        UNLUCKY: curve(0.28),
        "crashing": curve(0.35, CRASH),
        lucky[1]: curve(0.9, 0.9, 0.5),
        "better": curve(0.9, 0.9, 0.95),
    }
    whole = Race(curves, survivors=0.5)
    expected = whole.run()
    assert expected == ["better", "good", *lucky]
    bodies = story(whole.store)
    n_events = len(whole.store._rows)
    assert n_events > 25
    for n in range(n_events + 1):
        rest = storage()
        rest._rows = whole.store._rows[:n]
        race = Race(curves, survivors=0.5, store=rest)
        before = n_trials(rest)
        assert race.run() == expected
        assert story(rest) == bodies, f"cut off after {n} events"
        assert len(race.ran) == n_trials(rest) - before  # none on record is run again


def answers(n_passed: int, n_more: int = 0, n_lost: int = 0) -> tuple[float, ...]:
    """Two hundred items, of which the first hundred are passed by F0."""
    passed = [float(k < n_passed or 200 - k <= n_more) for k in range(200)]
    return tuple([0.0] * n_lost + passed[n_lost:])


ITEMS = {
    "f0": answers(100),
    "one more": answers(100, 1),
    "six for five": answers(100, 6, 5),
    "the same": answers(100),
}
ON_ITEMS = {"one more": 0.505, "six for five": 0.505, "the same": 0.5}


def on_items(judged: Judged, store: MemoryStorage) -> Race:
    curves = {name: {1.0: value} for name, value in ON_ITEMS.items()}
    return Race(curves, judged=judged, rungs=(), items=ITEMS, store=store)


def test_an_artifact_is_screened_by_the_items_that_both_sides_answered() -> None:
    """A gain of half a sigma: of one item in two hundred, or of six less five."""
    race = on_items(Judged.ARTIFACT, storage())
    assert race.run() == ["one more"]
    assert race.rejected() == {
        "six for five": (
            Decision.REJECT,
            "gain 0.005 share on the dev pair, below 0.01 share",
        ),
        "the same": (Decision.REJECT, "gain 0 share on the dev pair, not above 0"),
    }
    recipes = on_items(Judged.RECIPE, storage())
    assert recipes.run() == []


def test_an_artifact_is_screened_alike_wherever_the_story_was_cut_off() -> None:
    whole = on_items(Judged.ARTIFACT, storage())
    expected = whole.run()
    for n in range(len(whole.store._rows) + 1):
        rest = storage()
        rest._rows, rest._blobs = whole.store._rows[:n], dict(whole.store._blobs)
        race = on_items(Judged.ARTIFACT, rest)
        assert race.run() == expected
        assert story(rest) == story(whole.store), f"cut off after {n} events"


def story(store: MemoryStorage) -> list[str]:
    bodies: list[Body] = [event.body for event in store.events()]
    return [content(body) for body in bodies if not isinstance(body, SESSION_EVENTS)]


def n_trials(store: MemoryStorage) -> int:
    return sum(isinstance(event.body, TrialFinished) for event in store.events())
