"""Each step of a story is done once, whatever happens to the process."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from filial.core import (
    Arm,
    Audited,
    Body,
    Calibrated,
    CalibrationPlanned,
    Candidate,
    Event,
    Failure,
    FailureKind,
    Generation,
    History,
    Measurement,
    Noise,
    Promoted,
    Proposed,
    RunStarted,
    RunStopped,
    Spend,
    Split,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.errors import HostError, ReplayMismatch, TamperedLedger
from filial.executors import Inline
from filial.journal import Journal, file_trial, with_items
from filial.storages import MemoryStorage

SESSION = RunStarted(workers=2, level="L3")
STOPPED = RunStopped(reason="enough")
OPENED = StudyOpened(
    name="s", goal="g", version="1", config="", exam="", data="", secret="", policy=""
)
F0 = Generation(number=0, candidate="f0", commit="0")
PROMOTED = Promoted(generation=F0, hypothesis="the initial code")
CANDIDATE = Candidate(
    id="f0", index=-1, parent="", proposer="user", arm=Arm.TREATMENT, hypothesis="the initial code"
)
INTRODUCED = Proposed(
    index=-1, proposer="user", arm=Arm.TREATMENT, parent="", hypothesis="", candidate=CANDIDATE
)
OPENING: tuple[Body, ...] = (OPENED, INTRODUCED, PROMOTED)


def spec(k: int, split: Split = Split.CONFIRM) -> TrialSpec:
    family = {Split.DEV: "dev", Split.CONFIRM: "confirm/f0", Split.SEALED: "sealed/0"}[split]
    return TrialSpec(candidate="f0", split=split, build_seed=k, exam_seed=k, label=f"{family}/{k}")


def trial(spec: TrialSpec) -> Trial:
    items = (0.1 * spec.build_seed, 0.3)
    accuracy = Measurement(metric="accuracy", value=0.1 + spec.build_seed, items=items)
    memory = Measurement(metric="peak_memory", value=7.0)
    return Trial(spec=spec, level="L3", measurements=(accuracy, memory))


def never() -> Any:
    raise AssertionError("done twice")


def silent(spec: TrialSpec) -> Trial:
    raise AssertionError(f"{spec.label} was run twice")


def storage() -> MemoryStorage:
    return MemoryStorage(count(1000.0).__next__)


def filled(*bodies: Body) -> MemoryStorage:
    filled = storage()
    for body in bodies:
        filled.append(body)
    return filled


def bodies(storage: MemoryStorage) -> list[Body]:
    return [event.body for event in storage.events()]


def after_opening(store: MemoryStorage) -> Journal:
    journal = Journal(store, SESSION)
    for body in OPENING:
        assert journal.once(type(body), never) == body
    return journal


def tell(
    journal: Journal,
    run_trial: Callable[[TrialSpec], Trial],
    make: Callable[[Any], Any] = lambda body: body,
) -> list[object]:
    """A story of a few steps; returns what came out of each."""
    came: list[object] = [journal.once(StudyOpened, lambda: make(OPENED))]
    came.append(journal.once(Proposed, lambda: make(INTRODUCED)))
    came.append(journal.once(Promoted, lambda: make(PROMOTED)))
    specs = [spec(k) for k in range(3)]
    came += journal.trials(specs, Inline(run_trial))
    return came


def test_a_story_told_for_the_first_time_is_written_down() -> None:
    store = storage()
    came = tell(Journal(store, SESSION), trial)
    assert came[:3] == list(OPENING)
    assert came[3:] == [trial(spec(k)) for k in range(3)]
    assert bodies(store) == [
        SESSION,
        *OPENING,
        *(file_trial(trial(spec(k)), store) for k in range(3)),
    ]


def test_told_again_it_is_the_same_and_nothing_is_done() -> None:
    store = storage()
    first = tell(Journal(store, SESSION), trial)
    before = list(store.events())
    journal = Journal(store, SESSION)
    assert journal.is_replaying
    assert tell(journal, silent, lambda _: never()) == first
    assert not journal.is_replaying
    assert list(store.events()) == before


def test_wherever_it_was_cut_off_it_goes_on() -> None:
    whole = storage()
    expected = tell(Journal(whole, SESSION), trial)
    events = list(whole.events())
    for n in range(len(events) + 1):
        store = storage()
        store._blobs = dict(whole._blobs)
        for event in events[:n]:
            store.append(event.body)
        journal = Journal(store, SESSION)
        assert tell(journal, trial) == expected
        steps = [body for body in bodies(store) if not isinstance(body, RunStarted)]
        assert steps == bodies(whole)[1:]
        assert journal.history.generations == [F0]


def test_per_item_values_survive_for_the_verdicts() -> None:
    """The ledger keeps them in a blob; a replay of a confirmation reads them back."""
    store = filled(SESSION, *OPENING)
    specs = [spec(1), spec(2, Split.DEV)]
    for one in specs:
        store.append(file_trial(trial(one), store))
    on_record = [body for body in bodies(store) if isinstance(body, TrialFinished)]
    assert all(m.items == () for body in on_record for m in body.trial.measurements)
    journal = after_opening(store)
    confirm, dev = journal.trials(specs, Inline(silent))
    assert confirm == trial(specs[0])
    assert confirm["accuracy"].items == (0.1, 0.3)
    assert confirm["peak_memory"].items == ()
    # Single items of a dev trial stay unread unless a screen asks for them.
    assert dev["accuracy"] == Measurement(metric="accuracy", value=2.1)
    assert journal.in_full(dev) == trial(specs[1])


def asked(metric: str) -> Trial:
    """A trial whose questions can be told from those of others."""
    found = Measurement(metric=metric, value=0.5, items=(0.0, 1.0), questions=("ab", "cd"))
    other = Measurement(metric="peak_memory", value=7.0)
    return Trial(spec=spec(0), level="L3", measurements=(found, other))


@pytest.mark.parametrize("metric", ["accuracy", "items", "questions"])
def test_a_blob_keeps_items_and_questions(metric: str) -> None:
    store = filled(*OPENING)
    body = file_trial(asked(metric), store)
    assert body.trial[metric] == Measurement(metric=metric, value=0.5), "both are in the blob"
    assert json.loads(store.get(body.items)) == {
        "items": {metric: [0.0, 1.0]},
        "questions": {metric: ["ab", "cd"]},
    }
    assert with_items(body, store) == asked(metric)
    store.append(body)
    (again,) = after_opening(store).trials([spec(0)], Inline(silent))
    assert again == asked(metric)


@pytest.mark.parametrize("metric", ["accuracy", "items", "questions"])
def test_a_blob_of_items_alone_is_read_as_ever(metric: str) -> None:
    """As it was written when nobody asked what the questions were."""
    store = filled(*OPENING)
    body = replace(
        file_trial(asked(metric), store), items=store.put(b'{"%s":[0.0,1.0]}' % metric.encode())
    )
    found = with_items(body, store)
    assert found[metric] == replace(asked(metric)[metric], questions=())
    assert found["peak_memory"] == asked(metric)["peak_memory"]


@pytest.mark.parametrize(
    "content",
    [b"[]", b"1", b"\xff", b'{"items":{}}', b'{"items":{"m":3},"questions":{}}', b'{"m":["x"]}'],
)
def test_a_blob_of_something_else_is_an_error(content: bytes) -> None:
    store = filled(*OPENING)
    body = file_trial(asked("m"), store)
    with pytest.raises(TamperedLedger, match="holds no values of items"):
        with_items(replace(body, items=store.put(content)), store)


def test_dev_trials_are_had_in_full_wherever_the_story_was_cut_off() -> None:
    whole = after_opening(filled(*OPENING))
    specs = [spec(k, Split.DEV) for k in range(3)]
    list(whole.trials(specs, Inline(trial)))
    store = whole._storage
    again = Journal(store, SESSION)
    for body in OPENING:
        again.once(type(body), never)
    list(again.trials(specs, Inline(silent)))
    for journal in (whole, again):
        bare = [journal.history.standings["f0"].trials[one.label] for one in specs]
        assert [one["accuracy"].items for one in bare] == [()] * 3
        assert [journal.in_full(one) for one in bare] == [trial(one) for one in specs]


def test_what_has_no_items_is_full_as_it_is() -> None:
    def bare(spec: TrialSpec) -> Trial:
        found = (Measurement(metric="m", value=1.0),)
        return Trial(spec=spec, level="L3", measurements=found)

    journal = after_opening(filled(*OPENING))
    (found,) = journal.trials([spec(0, Split.DEV)], Inline(bare))
    assert journal.in_full(found) == found


def test_a_missing_blob_of_a_dev_trial_is_an_error() -> None:
    store = filled(SESSION, *OPENING)
    store.append(file_trial(trial(spec(1, Split.DEV)), store))
    store._blobs.clear()
    journal = after_opening(store)
    (found,) = journal.trials([spec(1, Split.DEV)], Inline(silent))
    with pytest.raises(TamperedLedger, match="blob"):
        journal.in_full(found)


def test_a_missing_blob_of_a_confirmation_is_an_error() -> None:
    store = filled(SESSION, *OPENING)
    store.append(file_trial(trial(spec(1)), store))
    store._blobs.clear()
    journal = after_opening(store)
    with pytest.raises(TamperedLedger, match="blob"):
        list(journal.trials([spec(1)], Inline(silent)))


def test_a_trial_without_items_needs_no_blob() -> None:
    store = storage()
    failed = Trial(spec=spec(0), level="L3", failure=Failure(kind=FailureKind.CRASH))
    assert file_trial(failed, store) == TrialFinished(trial=failed)
    bare = Trial(spec=spec(0), level="", measurements=(Measurement(metric="m", value=1.0),))
    assert file_trial(bare, store) == TrialFinished(trial=bare)
    assert store._blobs == {}


def test_another_step_on_record_is_named() -> None:
    journal = Journal(filled(SESSION, *OPENING), SESSION)
    journal.once(StudyOpened, never)
    with pytest.raises(ReplayMismatch) as caught:
        journal.once(CalibrationPlanned, never)
    assert str(caught.value) == (
        "event 3 of the ledger is Proposed, but this study would write CalibrationPlanned there: "
        "it was changed, or written by another version or study"
    )


def test_another_trial_on_record_is_named() -> None:
    store = filled(SESSION, *OPENING)
    store.append(file_trial(trial(spec(1)), store))
    journal = after_opening(store)
    with pytest.raises(ReplayMismatch) as caught:
        list(journal.trials([spec(2)], Inline(silent)))
    assert str(caught.value) == (
        "event 5 of the ledger is trial confirm/f0/1 of f0 where this study would run "
        "confirm/f0/2 of f0: it was changed, or written by another version or study"
    )


def test_another_seed_on_record_is_a_mismatch_too() -> None:
    store = filled(SESSION, *OPENING)
    store.append(file_trial(trial(spec(1)), store))
    journal = after_opening(store)
    other = TrialSpec(
        candidate="f0", split=Split.CONFIRM, build_seed=9, exam_seed=1, label="confirm/f0/1"
    )
    with pytest.raises(ReplayMismatch):
        list(journal.trials([other], Inline(silent)))


def test_a_step_that_may_not_happen() -> None:
    store = storage()
    journal = Journal(store, SESSION)
    assert journal.once_or_none(StudyOpened, lambda: None) is None
    assert bodies(store) == []
    assert journal.once_or_none(StudyOpened, lambda: OPENED) == OPENED
    assert bodies(store) == [SESSION, OPENED]
    again = Journal(store, SESSION)
    assert again.once_or_none(Proposed, never) is None
    assert again.once_or_none(StudyOpened, never) == OPENED
    assert not again.is_replaying


def audit() -> tuple[Body, ...]:
    sealed = TrialFinished(trial=trial(spec(0, Split.SEALED)))
    audited = Audited(
        before=F0, after=F0, split="sealed", differences=(0.0, 0.0), lower=0.0, upper=0.0
    )
    return (SESSION, sealed, sealed, audited, STOPPED)


def test_sessions_and_audits_are_no_steps_of_the_story() -> None:
    """They may lie between any two steps, before the first and after the last."""
    store = filled(
        SESSION,
        STOPPED,
        SESSION,
        OPENED,
        STOPPED,
        SESSION,
        INTRODUCED,
        PROMOTED,
        *audit(),
        SESSION,
        STOPPED,
    )
    journal = Journal(store, SESSION)
    for body in OPENING:
        assert journal.is_replaying
        assert journal.once(type(body), never) == body
    assert not journal.is_replaying
    assert journal.history == History.of(store.events())
    assert journal.history.spend.sealed_looks == 2
    assert len(journal.history.audits) == 1


def test_nothing_but_sessions_on_record_is_no_story() -> None:
    assert not Journal(filled(SESSION, STOPPED), SESSION).is_replaying


def test_a_session_is_opened_by_its_first_step() -> None:
    store = filled(SESSION, OPENED, STOPPED)
    journal = Journal(store, RunStarted(workers=9, level="L4"))
    journal.once(StudyOpened, never)
    assert len(bodies(store)) == 3
    journal.once(Proposed, lambda: INTRODUCED)
    journal.once(Promoted, lambda: PROMOTED)
    assert bodies(store)[3:] == [RunStarted(workers=9, level="L4"), INTRODUCED, PROMOTED]


def test_a_run_that_did_nothing_leaves_no_trace() -> None:
    store = filled(SESSION, OPENED, STOPPED)
    journal = Journal(store, SESSION)
    journal.once(StudyOpened, never)
    journal.stop(STOPPED)
    assert len(bodies(store)) == 3


def test_a_run_that_did_something_says_why_it_stopped() -> None:
    store = storage()
    journal = Journal(store, SESSION)
    journal.append(OPENED)
    journal.stop(STOPPED)
    assert bodies(store) == [SESSION, OPENED, STOPPED]
    assert journal.history.stopped == "enough"


@pytest.mark.parametrize("kind", [FailureKind.HOST])
def test_trouble_of_the_host_is_not_recorded(kind: FailureKind) -> None:
    def run_trial(spec: TrialSpec) -> Trial:
        if spec.build_seed == 0:
            return trial(spec)
        return Trial(spec=spec, level="", failure=Failure(kind=kind, detail="its worker died"))

    store = filled(SESSION, *OPENING)
    journal = after_opening(store)
    with pytest.raises(HostError) as caught:
        list(journal.trials([spec(0), spec(1), spec(2)], Inline(run_trial)))
    assert str(caught.value) == (
        f"trial confirm/f0/1 could not be run: {kind.value}: its worker died"
    )
    assert bodies(store)[4:] == [SESSION, file_trial(trial(spec(0)), store)]


def test_a_candidates_failure_is_recorded() -> None:
    store = filled(SESSION, *OPENING)
    failed = Trial(spec=spec(0), level="L3", failure=Failure(kind=FailureKind.WALL))
    journal = after_opening(store)
    assert list(journal.trials([spec(0)], Inline(lambda _: failed))) == [failed]
    assert bodies(store)[-1] == TrialFinished(trial=failed)


def test_trials_run_beforehand_are_recorded_not_run() -> None:
    store = filled(SESSION, *OPENING)
    journal = after_opening(store)
    ran: list[str] = []

    def run_trial(spec: TrialSpec) -> Trial:
        ran.append(spec.label)
        return trial(spec)

    specs = [spec(k) for k in range(3)]
    came = list(journal.trials(specs, Inline(run_trial), done=[trial(spec(0))]))
    assert came == [trial(one) for one in specs]
    assert ran == ["confirm/f0/1", "confirm/f0/2"]


def test_a_trial_is_on_record_before_the_next_one_ends() -> None:
    """At most the trials in flight are lost."""
    store = filled(SESSION, *OPENING)
    journal = after_opening(store)
    n_recorded = []

    class Watching:
        def run(self, specs: Iterable[TrialSpec]) -> Iterator[Trial]:
            for one in specs:
                n_recorded.append(len(bodies(store)) - 4)
                yield trial(one)

        def close(self) -> None:
            raise NotImplementedError

    list(journal.trials([spec(k) for k in range(3)], Watching()))
    assert n_recorded == [1, 2, 3], "the session begins with its first trial, not after it"


def test_listeners_hear_of_what_is_new_only() -> None:
    store = filled(SESSION, OPENED)
    heard: list[tuple[Event, int]] = []
    journal = Journal(
        store, SESSION, lambda event, history: heard.append((event, len(history.standings)))
    )
    journal.once(StudyOpened, never)
    assert heard == []
    journal.once(Proposed, lambda: INTRODUCED)
    assert [event.body for event, _ in heard] == [SESSION, INTRODUCED]
    assert [n for _, n in heard] == [0, 1]  # the history has the event already


def told_again(*bodies: Body) -> Journal:
    return Journal(filled(*bodies), SESSION)


def test_a_forged_event_that_fits_nothing_is_tampering() -> None:
    """Somebody who forges the whole chain, too, gets one line and no traceback."""
    stranger = TrialFinished(trial=trial(spec(0, Split.SEALED)))
    with pytest.raises(TamperedLedger, match="event 1 is a trial of an unknown candidate"):
        told_again(stranger)
    with pytest.raises(TamperedLedger, match="event 1 is a trial of an unknown candidate"):
        History.of(filled(stranger).events())
    endless = replace(INTRODUCED, spend=Spend(usd=1e308 * 10))
    with pytest.raises(TamperedLedger, match="event 1 spends without end"):
        History.of(filled(endless).events())


def test_a_forged_trial_that_measures_something_else_is_tampering() -> None:
    first, second = (TrialFinished(trial=trial(spec(k))) for k in range(2))
    other = Measurement(metric="speed", value=1.0)
    forged = replace(second, trial=replace(second.trial, measurements=(other,)))
    journal = told_again(*OPENING, first, forged)
    for body in OPENING:
        journal.once(type(body), never)
    with pytest.raises(TamperedLedger, match="event 5 measures speed, not accuracy, peak_memory"):
        list(journal.trials([spec(0), spec(1)], Inline(silent)))


def test_a_forged_blob_of_items_is_tampering() -> None:
    store = filled(*OPENING)
    store.append(replace(file_trial(trial(spec(0)), store), items=store.put(b"[1]")))
    journal = Journal(store, SESSION)
    for body in OPENING:
        journal.once(type(body), never)
    with pytest.raises(TamperedLedger, match="holds no values of items"):
        list(journal.trials([spec(0)], Inline(silent)))


CALIBRATED = Calibrated(noise=Noise(sigma=0.1, n_values=3), screen_k=1)


def test_a_decision_is_recorded_once_and_read_back() -> None:
    store = filled(SESSION, *OPENING)
    assert after_opening(store).decide(CALIBRATED) == CALIBRATED
    n_events = len(list(store.events()))
    close = replace(CALIBRATED, noise=Noise(sigma=0.1 + 1e-12, n_values=3))
    assert after_opening(store).decide(close) == CALIBRATED
    assert len(list(store.events())) == n_events


def test_a_decision_that_does_not_follow_is_named() -> None:
    journal = after_opening(filled(SESSION, *OPENING, CALIBRATED))
    with pytest.raises(ReplayMismatch) as caught:
        journal.decide(replace(CALIBRATED, screen_k=2))
    assert str(caught.value) == (
        "event 5 of the ledger, Calibrated, does not follow from what is on record before it: "
        "screen_k is 1 there, and should be 2"
    )


def test_a_decision_of_another_kind_is_named() -> None:
    journal = after_opening(filled(SESSION, *OPENING, CalibrationPlanned(n_trials=3)))
    with pytest.raises(ReplayMismatch, match="event 5 of the ledger is CalibrationPlanned, but"):
        journal.decide(CALIBRATED)


def test_a_step_about_somebody_else_is_named() -> None:
    journal = Journal(filled(SESSION, *OPENING), SESSION)
    journal.once(StudyOpened, never)
    journal.once(Proposed, never)
    with pytest.raises(ReplayMismatch, match=r"event 4 .*Promoted, is about another candidate"):
        journal.once(Promoted, never, about="somebody else")
    assert journal.once(Promoted, never, about="f0") == PROMOTED


def test_a_story_that_is_over_has_nothing_left_on_record() -> None:
    after_opening(filled(SESSION, *OPENING)).end(Proposed)
    journal = after_opening(filled(SESSION, *OPENING, CalibrationPlanned(n_trials=3)))
    with pytest.raises(ReplayMismatch, match=r"event 5 .* this study would write Proposed there"):
        journal.end(Proposed)


def test_an_incident_that_was_taken_out_is_missed() -> None:
    caught = Trial(spec=spec(0), level="L3", failure=Failure(kind=FailureKind.TRIPWIRE))
    touched, later = TrialFinished(trial=caught), TrialFinished(trial=trial(spec(1)))
    specs = [spec(0), spec(1)]
    cut_off = after_opening(filled(SESSION, *OPENING, touched))
    assert len(list(cut_off.trials(specs, Inline(trial)))) == 2  # it is made up for
    assert [i.candidate for i in cut_off.history.incidents] == ["f0"]
    forged = after_opening(filled(SESSION, *OPENING, touched, later))
    with pytest.raises(ReplayMismatch, match=r"event 5 .* amounts to an incident that it lacks"):
        list(forged.trials(specs, Inline(silent)))
