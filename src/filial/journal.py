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
from typing import TypeVar

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
        self._metrics: list[str] = []
        self._dev_items: dict[tuple[str, str], str] = {}  # blobs, by candidate and label
        self.history = History()
        self._skip_asides()

    @property
    def is_replaying(self) -> bool:
        """Whether the next step is already on record."""
        return bool(self._recorded)

    def once(self, kind: type[B], make: Callable[[], B]) -> B:
        """Returns the recorded body of this step, or makes, records and returns it.

        Raises:
            ReplayMismatch: Something else is on record at this point of the story.
        """
        return self._recall(kind) if self._recorded else self.append(make())

    def once_or_none(self, kind: type[B], make: Callable[[], B | None]) -> B | None:
        """Like ``once``, for a step that may not happen: None if it does not, or did not."""
        if not self._recorded:
            made = make()
            return None if made is None else self.append(made)
        return self._recall(kind) if isinstance(self._recorded[0].body, kind) else None

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

    def _raise_late_alarm(self, body: Body) -> None:
        """Puts the incident on record that ``body`` was, if the process died before it could."""
        incident = incident_in(body, self.history)
        if incident is None or self._recorded:
            return
        known = {(known.candidate, known.label) for known in self.history.incidents}
        if (incident.candidate, incident.label) not in known:
            self._begin()
            self._write(incident)

    def _recall(self, kind: type[B]) -> B:
        event = self._recorded.popleft()
        if not isinstance(event.body, kind):
            raise ReplayMismatch(
                f"event {event.seq} of the ledger is {type(event.body).__name__}, but this study "
                f"would write {kind.__name__} there: it was written by another version or study"
            )
        recall(self.history, event)
        self._skip_asides()
        self._raise_late_alarm(event.body)
        return event.body

    def _recall_trial(self, spec: TrialSpec) -> Trial:
        body = self._recall(TrialFinished)
        found = body.trial.spec
        if found != spec:
            raise ReplayMismatch(
                f"the ledger holds trial {found.label} of {found.candidate[:12]} where this study "
                f"would run {spec.label} of {spec.candidate[:12]}: it was written by another "
                "version or study"
            )
        self._check_metrics(body.trial)
        self._note(body)
        # Confirmations look at single items; screens read those of the trials they want.
        is_confirm = found.split is Split.CONFIRM
        return with_items(body, self._storage) if is_confirm else body.trial

    def _check_metrics(self, trial: Trial) -> None:
        """Raises TamperedLedger if a recorded trial measures other things than those before it."""
        names = [m.metric for m in trial.measurements]
        self._metrics = self._metrics or names
        if names and names != self._metrics:
            raise TamperedLedger(
                f"trial {trial.spec.label} of {trial.spec.candidate[:12]} measures "
                f"{', '.join(names)} in the ledger, not {', '.join(self._metrics)}"
            )

    def _skip_asides(self) -> None:
        while self._recorded and _is_aside(self._recorded[0].body):
            recall(self.history, self._recorded.popleft())


def _is_aside(body: Body) -> bool:
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
