"""Telling a recorded story again, to see whether its decisions follow from its trials."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from filial import assembly
from filial.core import Body, Candidate, Proposed, RunStarted, StudyOpened, Trial, TrialSpec
from filial.errors import Stopped, TamperedLedger
from filial.executors import Inline
from filial.journal import Journal, is_aside
from filial.oversight import Suggest
from filial.running import GROUND, gate_of
from filial.storages.base import Storage
from filial.study import Study

B = TypeVar("B", bound=Body)


def retell(study: Study, storage: Storage) -> tuple[str, ...]:
    """Checks that every decision on record is the one that the trials on record lead to.

    Nothing is run, proposed, promoted or written.

    Args:
        study: The study.
        storage: Its ledger, which may be open to read only.

    Returns:
        What the decisions rest on and changed since: where something did, the old decisions stand
        as they were judged then, and cannot be compared. Empty if they were, and agree.

    Raises:
        ReplayMismatch: Names the first step that is not what this study would write.
        TamperedLedger: The record does not begin with the opening of a study and its initial code,
            or an event does not follow from those before it.

    What this does not cover: proposals and trials themselves, what persons answered, how many
    trials a budget paid for, comparisons of generations outside verdicts, and texts.
    """
    opened, initial = _beginning(storage)
    if opened is None or initial is None:
        return ()
    if not study.paths.secret.exists():
        return (GROUND["secret"],)
    gate = gate_of(study)
    changed = study.opened_with(opened.data, gate.policy).changed_from(opened)
    if any(name in GROUND for name in changed):
        return tuple(GROUND[name] for name in changed if name in GROUND)
    journal = _Reading(storage, RunStarted(workers=0, level=""))
    ground = assembly.Ground(opened=opened, initial=initial, workers=0, authors={})
    people = assembly.People(approver=Suggest(), check=lambda: None)
    with suppress(_Over):
        assembly.engine(study, gate, journal, Inline(_run_nothing), ground, people).run()
    return ()


def _beginning(storage: Storage) -> tuple[StudyOpened | None, Candidate | None]:
    """Returns what a story began with, as far as it got.

    Raises:
        TamperedLedger: There is something else before it.
    """
    opened: StudyOpened | None = None
    for event in storage.events():
        match event.body:
            case StudyOpened() if opened is None:
                opened = event.body
            case Proposed(candidate=Candidate() as initial) if opened is not None:
                return opened, initial
            case body if not is_aside(body):
                raise TamperedLedger(
                    f"event {event.seq} is {type(body).__name__}, before the study's beginning"
                )
            case _:
                pass
    return opened, None


class _Over(Stopped):
    """The record ends here."""


class _Reading(Journal):
    """A journal that ends where the record does."""

    def once(self, kind: type[B], make: Callable[[], B], about: str = "") -> B:
        """Returns the recorded body of this step."""
        self._begin()
        return super().once(kind, make, about)

    def once_or_none(self, kind: type[B], make: Callable[[], B | None]) -> B | None:
        """Returns the recorded body of this step, or None if it did not happen."""
        self._begin()
        return super().once_or_none(kind, make)

    def _begin(self) -> None:
        if not self.is_replaying:
            raise _Over("the end of the record")


def _run_nothing(_spec: TrialSpec) -> Trial:
    raise _Over("the end of the record")
