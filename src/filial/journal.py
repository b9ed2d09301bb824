"""A study's memory: each step of the story is done once, whatever happens to the process.

The engine tells its story from the beginning every time it runs. Steps that the ledger already
holds are read back instead of being done again, so the story resumes exactly where it was cut off,
and it can only be continued the way it began.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TypeVar, cast

from filial.agreement import difference, subject_of
from filial.core import (
    ASIDES,
    Body,
    Event,
    History,
    RunStarted,
    RunStopped,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.core.history import recall
from filial.errors import HostError, ReplayMismatch, TamperedLedger
from filial.executors.base import Executor
from filial.oversight import incident_in
from filial.storages.base import Storage

B = TypeVar("B", bound=Body)
Listener = Callable[[Event, History], None]
_ELSEWHERE = "changed, or written by another version or study"


class Journal:
    """Does each step once and folds the ledger into a :class:`History` as it goes.

    Args:
        storage: The ledger.
        session: Opens the record of this run, once there is something to record.
        listener: Told about every event that is newly appended.
    """

    def __init__(
        self,
        storage: Storage,
        session: RunStarted,
        listener: Listener = lambda _event, _history: None,
    ) -> None:
        self._storage = storage
        self._session: RunStarted | None = session
        self._listener = listener
        self._recorded = deque(storage.events())
        self._dev_items: dict[tuple[str, str], str] = {}  # blobs, by candidate and label
        self.history = History()
        self._skip_asides()

    @property
    def is_replaying(self) -> bool:
        """Whether the next step is already on record."""
        return bool(self._recorded)

    def once(self, kind: type[B], make: Callable[[], B], about: str = "") -> B:
        """Returns the recorded body of this step, or makes, records and returns it.

        Args:
            kind: What kind of step it is.
            make: Takes it, if it is not on record.
            about: Id of the candidate it is about; empty if that is not known beforehand.

        Raises:
            ReplayMismatch: Something else is on record at this point of the story.
        """
        if not self._recorded:
            return self.append(make())
        event = self._next(kind)
        if about and subject_of(event.body) != about:
            raise ReplayMismatch(
                f"event {event.seq} of the ledger, {kind.__name__}, is about another candidate "
                f"than {about[:12]}, whose turn it is"
            )
        return self._recall(kind)

    def decide(self, made: B) -> B:
        """Records a decision that follows from what is on record; or checks the recorded one.

        Returns:
            The body on record, which may differ in the last digits of its numbers and in texts.

        Raises:
            ReplayMismatch: Something else was decided on the same grounds.
        """
        if not self._recorded:
            return self.append(made)
        event = self._next(type(made))
        found = difference(event.body, made)
        if found is not None:
            raise ReplayMismatch(
                f"event {event.seq} of the ledger, {type(made).__name__}, does not follow from "
                f"what is on record before it: {found}"
            )
        return self._recall(type(made))

    def once_or_none(self, kind: type[B], make: Callable[[], B | None]) -> B | None:
        """Like ``once``, for a step that may not happen: None if it does not, or did not."""
        if not self._recorded:
            made = make()
            return None if made is None else self.append(made)
        return self._recall(kind) if self.is_next(kind) else None

    def is_next(self, kind: type[B]) -> bool:
        """Whether the next step is on record and of this kind."""
        return bool(self._recorded) and isinstance(self._recorded[0].body, kind)

    def end(self, due: type[B]) -> None:
        """Says that the story is over unless a step of the kind ``due`` comes.

        Raises:
            ReplayMismatch: The record goes on with something else.
        """
        if self._recorded:
            self._next(due)

    def append(self, body: B) -> B:
        """Records ``body`` and returns it; the first one of a run is preceded by its session."""
        self._begin()
        self._write(body)
        return body

    def stop(self, body: RunStopped) -> None:
        """Records the end of this run, if it recorded anything at all."""
        if self._session is None:
            self._write(body)

    def trials(
        self, specs: Iterable[TrialSpec], executor: Executor, done: Iterable[Trial] = ()
    ) -> Iterator[Trial]:
        """Yields the trials of ``specs`` in order, running only those not on record.

        Args:
            specs: What to run.
            executor: Runs what has to be run.
            done: Trials of the first specs that were run before there was a record to write to.

        Raises:
            ReplayMismatch: Another trial is on record at this point of the story.
            HostError: The machine could not run one; it is not on record and will be run again.
        """
        pending = deque(specs)
        while pending and self._recorded:
            yield self._recall_trial(pending.popleft())
        fresh = dict(zip(list(pending), done, strict=False))
        remaining = [spec for spec in pending if spec not in fresh]
        if remaining:
            self._begin()  # the clock of the session runs while they do
        for trial in chain(fresh.values(), executor.run(remaining)):
            check_machine(trial)
            self._note(self.append(file_trial(trial, self._storage)))
            yield trial

    def in_full(self, trial: Trial) -> Trial:
        """Returns a dev trial that is on record with the values of its items.

        Raises:
            TamperedLedger: The blob holds something else.
        """
        blob = self._dev_items.get((trial.spec.candidate, trial.spec.label), "")
        return with_items(TrialFinished(trial=trial, items=blob), self._storage)

    def _note(self, body: TrialFinished) -> None:
        spec = body.trial.spec
        if body.items and spec.split is Split.DEV:
            self._dev_items[spec.candidate, spec.label] = body.items

    def _begin(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            self._write(session)

    def _write(self, body: Body) -> None:
        write(body, self._storage, self.history, self._listener)

    def _raise_late_alarm(self, body: Body, seq: int) -> None:
        """Puts the incident on record that ``body`` was, if the process died before it could."""
        incident = incident_in(body, self.history)
        if incident is None:
            return
        known = {(known.candidate, known.label) for known in self.history.incidents}
        if (incident.candidate, incident.label) in known:
            return
        if self._recorded:  # whoever went on would have recorded it first
            raise ReplayMismatch(f"event {seq} of the ledger amounts to an incident that it lacks")
        self._begin()
        self._write(incident)

    def _next(self, kind: type[B]) -> Event:
        event = self._recorded[0]
        if not isinstance(event.body, kind):
            raise ReplayMismatch(
                f"event {event.seq} of the ledger is {type(event.body).__name__}, but this study "
                f"would write {kind.__name__} there: it was {_ELSEWHERE}"
            )
        return event

    def _recall(self, kind: type[B]) -> B:
        event = self._next(kind)
        body = cast("B", event.body)
        self._recorded.popleft()
        recall(self.history, event)
        self._skip_asides()
        self._raise_late_alarm(body, event.seq)
        return body

    def _recall_trial(self, spec: TrialSpec) -> Trial:
        event = self._next(TrialFinished)
        found = cast("TrialFinished", event.body).trial.spec
        if found != spec:
            raise ReplayMismatch(
                f"event {event.seq} of the ledger is trial {found.label} of "
                f"{found.candidate[:12]} where this study would run {spec.label} of "
                f"{spec.candidate[:12]}: it was {_ELSEWHERE}"
            )
        body = self._recall(TrialFinished)
        self._note(body)
        # Confirmations look at single items; screens read those of the trials they want.
        is_confirm = found.split is Split.CONFIRM
        return with_items(body, self._storage) if is_confirm else body.trial

    def _skip_asides(self) -> None:
        while self._recorded and is_aside(self._recorded[0].body):
            recall(self.history, self._recorded.popleft())


def is_aside(body: Body) -> bool:
    """Whether an event is no step of the story, such as the frame of a run."""
    if isinstance(body, TrialFinished):
        return body.trial.spec.split is Split.SEALED
    return isinstance(body, ASIDES)


def write(body: Body, storage: Storage, history: History, listener: Listener) -> None:
    """Records ``body`` and all that it amounts to, such as an incident."""
    event = storage.append(body)
    history.take(event)
    listener(event, history)
    incident = incident_in(body, history)
    if incident is not None:
        write(incident, storage, history, listener)


def check_machine(trial: Trial, what: str = "") -> None:
    """Raises HostError if the machine could not run a trial, which ``what`` may name."""
    if trial.failure is not None and not trial.failure.blames_candidate:
        name = what or f"trial {trial.spec.label}"
        raise HostError(f"{name} could not be run: {trial.failure}")


def file_trial(trial: Trial, storage: Storage) -> TrialFinished:
    """Returns the event of a finished trial, its per-item values moved to a blob."""
    items = {m.metric: m.items for m in trial.measurements if m.items}
    if not items:
        return TrialFinished(trial=trial)
    questions = {m.metric: m.questions for m in trial.measurements if m.questions}
    record = {"items": items, "questions": questions}
    bare = tuple(replace(m, items=(), questions=()) for m in trial.measurements)
    digest = storage.put(json.dumps(record, separators=(",", ":")).encode())
    return TrialFinished(trial=replace(trial, measurements=bare), items=digest)


def with_items(body: TrialFinished, storage: Storage) -> Trial:
    """Returns a trial on record with the per-item values that ``file_trial`` moved to a blob.

    Raises:
        TamperedLedger: The blob holds something else.
    """
    if not body.items:
        return body.trial
    try:
        record = json.loads(storage.get(body.items))
        is_plain = not isinstance(record.get("items"), dict)  # as older versions wrote them
        items, questions = (record, {}) if is_plain else (record["items"], record["questions"])
        full = tuple(
            replace(
                m,
                items=tuple(items.get(m.metric, ())),
                questions=tuple(questions.get(m.metric, ())),
            )
            for m in body.trial.measurements
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise TamperedLedger(f"blob {body.items} holds no values of items") from error
    return replace(body.trial, measurements=full)
