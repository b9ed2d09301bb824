"""Proposals that are written before their turn, so that workers never wait for a model."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass
from threading import Thread

from filial.core import AnswersUnread, Arm, Brief, Proposal
from filial.proposers.base import Proposer

_TICK_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a proposer was asked to write, and when.

    Attributes:
        name: The proposer's.
        arm: What the proposal is for.
        parent: Id of the tree it edits.
        facing: Id of what challengers of that arm faced when it was asked for.
        brief: All that it was told.
    """

    name: str
    arm: Arm
    parent: str
    facing: str
    brief: Brief


Written = tuple[Task, Proposal | None]


class Ahead:
    """Has slow proposers write ahead of their turn, each proposal in a thread of its own.

    Args:
        slow: Their names.
        n_ahead: How many proposals may be under way.
        tick: Called a few times a second while one is waited for; may raise to stop the run.

    What this does not cover: answers under way when a run is stopped. They may have to be paid,
    but nobody will ever know what they cost.
    """

    def __init__(self, slow: frozenset[str], n_ahead: int, tick: Callable[[], None]) -> None:
        self.slow = slow
        self._n_ahead = n_ahead
        self._tick = tick
        self._under_way: dict[int, tuple[Task, Future[Proposal | None]]] = {}
        self._n_asked = 0

    def places(self, index: int) -> range:
        """Returns the numbers of proposals to ask for when number ``index`` is next."""
        return range(max(index, self._n_asked), index + self._n_ahead)

    def ask(self, task: Task, proposer: Proposer) -> None:
        """Has a slow proposer begin to write."""
        self._n_asked = task.brief.index + 1
        future: Future[Proposal | None] = Future()
        self._under_way[task.brief.index] = task, future
        # A daemon, because a model that hangs must not keep the process from ending.
        Thread(target=_write, args=(future, proposer, task.brief), daemon=True).start()

    def take(self, name: str) -> Written | None:
        """Returns what ``name`` was asked for first, once it is written; None if nothing was."""
        for index, (task, future) in self._under_way.items():
            if task.name == name:
                while not wait([future], timeout=_TICK_S).done:
                    self._tick()
                del self._under_way[index]
                return task, future.result()
        return None

    def unread(self, wait_s: float) -> Iterator[AnswersUnread]:
        """Yields what proposals cost that nobody will need any more.

        Args:
            wait_s: Seconds to wait for those under way.
        """
        wait([future for _, future in self._under_way.values()], timeout=wait_s)
        for task, future in self._under_way.values():
            proposal = future.result() if future.done() and not future.exception() else None
            if proposal is not None:
                yield AnswersUnread(proposer=task.name, arm=task.arm, spend=proposal.spend)
        self._under_way.clear()


def _write(future: Future[Proposal | None], proposer: Proposer, brief: Brief) -> None:
    try:
        future.set_result(proposer.propose(brief))
    except BaseException as error:  # noqa: BLE001 - raised where the proposal is taken
        future.set_exception(error)
