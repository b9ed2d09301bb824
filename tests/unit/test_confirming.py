"""From a case to a verdict: pairs, more of them where they are worth it, and once from source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from test_screening import proposed

from filial.confirming import Confirming
from filial.core import (
    Arm,
    Body,
    Budget,
    Decision,
    EvidenceBought,
    Failure,
    FailureKind,
    Generation,
    Judged,
    Measurement,
    Metric,
    Noise,
    Promoted,
    RunStarted,
    Seeds,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
    Verdict,
    VerdictReached,
)
from filial.errors import Stopped
from filial.executors import Inline
from filial.gates import Case, ConfirmationGate
from filial.gates.answers import conclude
from filial.journal import Journal
from filial.schedule import Schedule
from filial.storages import MemoryStorage, content

METRIC = Metric("accuracy", unit="share", smallest_effect=0.01)
F0, NEW = "f" * 40, "a" * 40
CRASH = Failure(kind=FailureKind.CRASH, detail="exit code 1")
CHEAT = Failure(kind=FailureKind.INVALID, detail="no sum")
PROMOTE, REJECT, UNDECIDED = Decision.PROMOTE, Decision.REJECT, Decision.UNDECIDED
SCHEDULE = Schedule(Seeds(b"s" * 32), Judged.RECIPE)


class Told(ConfirmationGate):
    """Decides what it is told to after so many pairs; replications are judged as ever."""

    def __init__(self, decisions: Mapping[int, Decision], more: Mapping[int, int]) -> None:
        super().__init__()
        self.decisions, self.more = decisions, more
        self.asked: list[Case] = []

    def judge(self, case: Case) -> Verdict | None:
        self.asked.append(case)
        decision = self.decisions.get(len(case.pairs))
        if decision is None:
            return None
        return conclude(case, (decision, f"{len(case.pairs)} pairs"), "", alpha=case.alpha)

    def more_pairs(self, case: Case) -> int:
        return self.more.get(len(case.pairs), 0)


@dataclass
class Bench:
    """A study with one challenger, whose trials come out as told."""

    decisions: Mapping[int, Decision]
    more: Mapping[int, int] = field(default_factory=dict)
    again: float | Failure = 0.6
    gates: type[Told] = Told
    ran: list[TrialSpec] = field(default_factory=list)
    storage: MemoryStorage = field(default_factory=lambda: MemoryStorage(lambda: 1000.0))
    check: Callable[[], None] = lambda: None

    def run_trial(self, spec: TrialSpec) -> Trial:
        self.ran.append(spec)
        value: float | Failure = 0.5 + 0.1 * (spec.candidate == NEW) + spec.exam_seed % 7 / 1e4
        if spec.label.startswith("replicate/"):
            value = self.again
        spend = Spend(wall_s=0.5, cpu_s=1.0)
        if isinstance(value, Failure):
            return Trial(spec=spec, level="L3", failure=value, spend=spend)
        found = Measurement(metric="accuracy", value=value, items=(value, value))
        return Trial(spec=spec, level="L3", measurements=(found,), spend=spend)

    def verdict(self, budget: Budget | None = None) -> Verdict | None:
        """Tells the story up to the verdict."""
        ceilings = budget or Budget()
        self.gate = self.gates(self.decisions, self.more)
        self.journal = Journal(self.storage, RunStarted(workers=1, level="L3"))
        for body in opening():
            self.journal.once(type(body), lambda body=body: body)  # type: ignore[misc]
        confirming = Confirming(
            schedule=SCHEDULE,
            journal=self.journal,
            executor=Inline(self.run_trial),
            gate=self.gate,
            budget=ceilings,
            is_exhausted=lambda: (
                not self.journal.is_replaying
                and ceilings.exhausted_by(self.journal.history.spend) is not None
            ),
            check=self.check,
        )
        return confirming.verdict(
            Case(
                challenger=NEW,
                incumbent=F0,
                judged=Judged.RECIPE,
                primary=METRIC,
                guards=(),
                noise=Noise(sigma=0.01, n_values=8),
                alpha=0.05,
            )
        )

    @property
    def bought(self) -> list[EvidenceBought]:
        bodies = [event.body for event in self.storage.events()]
        return [body for body in bodies if isinstance(body, EvidenceBought)]

    @property
    def n_pairs(self) -> int:
        return sum(spec.label.startswith("confirm/") for spec in self.ran) // 2


def opening() -> tuple[Body, ...]:
    opened = StudyOpened(
        name="s", goal="g", version="1", config="", exam="", data="", secret="", policy=""
    )
    first, second = proposed(F0, -1, parent=""), proposed(NEW, 0, parent=F0)
    promoted = Promoted(
        generation=Generation(number=0, candidate=F0, commit="0"), hypothesis="first"
    )
    return opened, first, promoted, second


def story(storage: MemoryStorage) -> list[str]:
    bodies = [event.body for event in storage.events()]
    return [content(body) for body in bodies if not isinstance(body, RunStarted)]


@pytest.mark.parametrize("decision", [REJECT, UNDECIDED])
def test_pairs_run_until_the_gate_decides(decision: Decision) -> None:
    bench = Bench({4: decision})
    verdict = bench.verdict()
    assert verdict is not None
    assert (verdict.decision, verdict.reason) == (decision, "4 pairs")
    assert [len(case.pairs) for case in bench.gate.asked] == [1, 2, 3, 4]
    assert len(bench.ran) == 8
    assert bench.bought == []


def test_more_pairs_are_bought_once_and_again() -> None:
    bench = Bench({4: UNDECIDED, 6: UNDECIDED, 9: UNDECIDED}, more={4: 2, 6: 3})
    verdict = bench.verdict()
    assert verdict is not None
    assert (verdict.decision, verdict.reason) == (UNDECIDED, "9 pairs")
    assert [(one.candidate, one.n_pairs) for one in bench.bought] == [(NEW, 2), (NEW, 3)]
    assert bench.bought[0].reason == ("4 pairs; at the mean gain so far 2 more would be enough")
    n_bought = [case.n_bought for case in bench.gate.asked]
    assert n_bought == [0, 0, 0, 0, 2, 2, 5, 5, 5], "the gate knows how many it may take"
    assert bench.journal.history.bought == {NEW: 5}
    assert bench.n_pairs == 9


def test_what_is_decided_buys_nothing() -> None:
    bench = Bench({4: REJECT}, more={4: 2})
    bench.verdict()
    assert (bench.bought, bench.n_pairs) == ([], 4)
    promoted = Bench({4: PROMOTE}, more={4: 2})
    promoted.verdict()
    assert (promoted.bought, promoted.n_pairs) == ([], 4)


# Four pairs have cost 8 trials and 8 CPU-seconds, four more cost as much again: a quarter of 32.
# Their trials take 4 s one after the other, and no time has passed yet: a quarter of 16.
@pytest.mark.parametrize(
    ("budget", "n_bought"),
    [
        (Budget(), 4),
        (Budget(trials=40), 4),
        (Budget(trials=39), 0),
        (Budget(cpu_s=40.0), 4),
        (Budget(cpu_s=39.9), 0),
        (Budget(wall_s=16.0), 4),
        (Budget(wall_s=15.9), 0),
        (Budget(trials=40, cpu_s=39.9), 0),
        # Half the candidates are used up, which is no reason to spend more of the rest.
        (Budget(trials=39, candidates=2), 0),
        (Budget(trials=40, candidates=2), 4),
    ],
)
def test_more_pairs_cost_at_most_a_quarter_of_what_is_left(budget: Budget, n_bought: int) -> None:
    bench = Bench({4: UNDECIDED, 8: UNDECIDED}, more={4: 4})
    assert bench.verdict(budget) is not None
    assert sum(one.n_pairs for one in bench.bought) == n_bought
    assert bench.n_pairs == 4 + n_bought


def test_what_was_bought_is_kept_whatever_the_budget_is_now() -> None:
    bench = Bench({4: UNDECIDED, 8: UNDECIDED}, more={4: 4})
    bench.verdict()
    before = story(bench.storage)
    bench.ran.clear()
    again = bench.verdict(Budget(trials=10))
    assert again is not None
    assert again.reason == "8 pairs"
    assert (bench.ran, story(bench.storage)) == ([], before)


def test_a_budget_that_runs_out_in_between_is_no_verdict() -> None:
    bench = Bench({4: REJECT})
    assert bench.verdict(Budget(trials=5)) is None
    assert bench.n_pairs == 3
    verdict = bench.verdict(Budget(trials=100))
    assert verdict is not None
    assert (verdict.reason, bench.n_pairs) == ("4 pairs", 4)


def test_somebody_may_stop_it_between_pairs() -> None:
    n_checks = 0

    def check() -> None:
        nonlocal n_checks
        n_checks += 1
        if n_checks == 3:
            raise Stopped("enough")

    bench = Bench({4: REJECT}, check=check)
    with pytest.raises(Stopped):
        bench.verdict()
    assert bench.n_pairs == 2


def test_a_promotion_is_built_from_source_again() -> None:
    bench = Bench({3: PROMOTE})
    verdict = bench.verdict()
    assert verdict is not None
    assert (verdict.decision, verdict.reason) == (PROMOTE, "3 pairs")
    pairs, again = bench.ran[:6], bench.ran[6:]
    assert [(spec.candidate, spec.label) for spec in again] == [
        (NEW, f"replicate/{NEW[:12]}/{k}") for k in range(2)
    ]
    assert all(spec.afresh for spec in again)
    assert not any(spec.afresh for spec in pairs)
    assert {spec.split for spec in again} == {Split.CONFIRM}
    known = {seed for spec in pairs for seed in (spec.build_seed, spec.exam_seed)}
    fresh = {seed for spec in again for seed in (spec.build_seed, spec.exam_seed)}
    assert len(fresh) == 4
    assert not known & fresh


@pytest.mark.parametrize(
    ("again", "decision", "reason"),
    [
        (0.599, PROMOTE, "3 pairs"),
        (0.55, REJECT, "built from source again, it only came to 0.55 share"),
        (CRASH, REJECT, "built from source again, it failed: crash: exit code 1"),
        (CHEAT, Decision.VOID, "built from source again, it failed: invalid: no sum"),
    ],
)
def test_what_does_not_come_about_again_is_no_gain(
    again: float | Failure, decision: Decision, reason: str
) -> None:
    """The pairs had 0.600 with a spread of 0.0002, calibration one of 0.007."""
    bench = Bench({3: PROMOTE}, again=again)
    verdict = bench.verdict()
    assert verdict is not None
    assert (verdict.decision, verdict.reason) == (decision, reason)
    assert verdict.alpha == 0.05, "the confirmation has spent its error budget"


def test_what_is_exact_is_not_built_again() -> None:
    class Exact(Told):
        n_replications = 0

    bench = Bench({3: PROMOTE}, again=CRASH, gates=Exact)
    bench.verdict()
    assert len(bench.ran) == 6


@pytest.mark.parametrize("again", [0.6, 0.5, CRASH])
def test_cut_off_after_every_event(again: float | Failure) -> None:
    def bench() -> Bench:
        return Bench({3: UNDECIDED, 5: UNDECIDED, 6: PROMOTE}, more={3: 2, 5: 1}, again=again)

    whole = bench()
    expected = whole.verdict()
    events = list(whole.storage.events())
    assert len(whole.bought) == 2
    for n in range(len(events) + 1):
        rest = bench()
        rest.storage._rows = whole.storage._rows[:n]
        rest.storage._blobs = dict(whole.storage._blobs)
        assert rest.verdict() == expected, f"cut off after {n} events"
        assert story(rest.storage) == story(whole.storage)
        n_on_record = sum(isinstance(event.body, TrialFinished) for event in events[:n])
        assert len(rest.ran) == len(whole.ran) - n_on_record


def test_evidence_that_was_not_bought_is_not_bought_later() -> None:
    """A verdict on record stands, though the budget would now allow for more."""
    bench = Bench({4: UNDECIDED, 8: PROMOTE}, more={4: 4})
    poor = bench.verdict(Budget(trials=39))
    assert poor is not None
    bench.journal.append(VerdictReached(verdict=poor, arm=Arm.TREATMENT))
    assert bench.verdict() == poor
    assert bench.bought == []
