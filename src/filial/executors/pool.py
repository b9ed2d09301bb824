"""Trials in N worker processes on this machine."""

import signal
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic

from filial.core import Failure, FailureKind, Trial, TrialSpec
from filial.errors import ExamError
from filial.executors.again import MAX_ATTEMPTS, again
from filial.executors.base import RunTrial
from filial.executors.parent import die_with_parent

Report = Callable[[str], None]
Factory = Callable[[Report], RunTrial]
Watcher = Callable[[int, str], None]

_SPAWN = get_context("spawn")


@dataclass(frozen=True, slots=True)
class _Again:
    """A worker's word that the machine spoiled its trial, which begins anew."""


@dataclass(slots=True)
class _Job:
    index: int
    spec: TrialSpec
    attempts: int = 0
    started: float = 0.0


@dataclass(slots=True)
class _Worker:
    number: int
    process: SpawnProcess
    line: Connection
    job: _Job | None = None


class Pool:
    """Runs trials in ``n_workers`` processes that each own an examiner.

    Workers are started on first use, die with this process, and ignore Ctrl-C, which is the
    engine's to handle.

    Args:
        factory: Makes the examiner inside a worker; must be importable there. Its argument takes
            one line about what the trial is doing now.
        n_workers: Number of processes.
        trial_s: Wall-clock seconds after which an attempt at a trial that ignores its own limits
            ends the run.
        watcher: Told which worker does what, whenever that changes.
        tick: Called a few times a second while waiting; may raise to stop the run.
    """

    def __init__(
        self,
        factory: Factory,
        n_workers: int,
        *,
        trial_s: float,
        watcher: Watcher = lambda _worker, _text: None,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._factory = factory
        self._n_workers = n_workers
        self._trial_s = trial_s
        self._watcher = watcher
        self._tick = tick
        self._workers: list[_Worker] = []

    def run(self, specs: Iterable[TrialSpec]) -> Iterator[Trial]:
        """Yields the trials of ``specs`` in order, whatever order they finish in."""
        waiting = deque(_Job(index, spec) for index, spec in enumerate(specs))
        n_jobs = len(waiting)
        done: dict[int, Trial] = {}
        try:
            for index in range(n_jobs):
                while index not in done:
                    self._hand_out(waiting)
                    self._collect(waiting, done)
                yield done.pop(index)
        finally:
            if any(worker.job is not None for worker in self._workers):
                self.close()  # cut short: the next run must not be given these trials

    def close(self) -> None:
        """Kills all workers; the sandboxes die with them."""
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.line.close()
        self._workers.clear()

    def _hand_out(self, waiting: deque[_Job]) -> None:
        while waiting and len(self._workers) < self._n_workers:
            self._workers.append(self._spawn(len(self._workers)))
        for worker in self._workers:
            if waiting and worker.job is None:
                worker.job = waiting.popleft()
                worker.job.attempts += 1
                worker.job.started = monotonic()
                with suppress(ConnectionError):  # it died; its line says so when it is read
                    worker.line.send(worker.job.spec)

    def _collect(self, waiting: deque[_Job], done: dict[int, Trial]) -> None:
        ready = wait([worker.line for worker in self._workers], timeout=0.2)
        for worker in [worker for worker in self._workers if worker.line in ready]:
            try:
                message = worker.line.recv()
            except (EOFError, ConnectionError):
                self._replace(worker, waiting, done)
                continue
            self._take(worker, message, done)
        self._check_deadlines()
        self._tick()

    def _check_deadlines(self) -> None:
        now = monotonic()
        for worker in self._workers:
            if worker.job is not None and now > worker.job.started + self._trial_s:
                raise ExamError(
                    f"a trial took more than {self._trial_s:.0f} s and did not react to its own "
                    "limits: the exam hangs; look for an endless loop in items() or score()"
                )

    def _take(self, worker: _Worker, message: object, done: dict[int, Trial]) -> None:
        match message:
            case str() as text:
                self._watcher(worker.number, text)
            case Trial() as trial if worker.job is not None:
                done[worker.job.index] = trial
                worker.job = None
                self._watcher(worker.number, "")
            case _Again() if worker.job is not None:
                worker.job.started = monotonic()
            case BaseException() as error:
                raise error
            case _:
                raise TypeError(f"a worker sent {type(message).__name__}")

    def _replace(self, dead: _Worker, waiting: deque[_Job], done: dict[int, Trial]) -> None:
        dead.process.join()
        dead.line.close()
        self._workers[dead.number] = self._spawn(dead.number)
        job = dead.job
        if job is None:
            return
        if job.attempts < MAX_ATTEMPTS:
            waiting.appendleft(job)
            return
        detail = f"its worker died {job.attempts} times (exit code {dead.process.exitcode})"
        failure = Failure(kind=FailureKind.HOST, detail=detail)
        done[job.index] = Trial(spec=job.spec, level="", failure=failure)

    def _spawn(self, number: int) -> _Worker:
        ours, theirs = _SPAWN.Pipe()
        process = _SPAWN.Process(target=_work, args=(theirs, self._factory), daemon=True)
        # Born deaf to Ctrl-C: before it can say so itself, it would die of it with a traceback.
        resource_tracker.ensure_running()  # the first start would do it, and unblock the signal
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        return _Worker(number, process, ours)


def _work(line: Connection, factory: Factory) -> None:
    """Body of a worker: specs in, trials out, until the line closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    die_with_parent()
    try:
        run_trial = again(factory(line.send), lambda: line.send(_Again()))
        while True:
            line.send(run_trial(line.recv()))
    except EOFError:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine must hear of it
        error.add_note("in a worker:\n" + traceback.format_exc())
        line.send(error)
