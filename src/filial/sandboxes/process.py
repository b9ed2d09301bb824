"""A running sandboxed tree, watched from outside; the same for every back-end."""

import contextlib
import os
import resource
import select
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from filial.sandboxes.base import EndedBy, Limits, Outcome
from filial.sandboxes.cgroups import Cgroup
from filial.sandboxes.meter import Meter, Reading, folder_bytes
from filial.sandboxes.streams import Channels, Printed

_METER_FIRST_S, _METER_EVERY_S = 0.002, 0.05
_BACKSTOP_S = 0.5
_LONGEST_PAUSE_S = 60.0
# A check of the disk may take one part in this many of the time.
_DISK_SHARE = 10


class Backend(Protocol):
    """What differs between back-ends once a tree runs."""

    def stop(self) -> None:
        """Makes the whole tree, and the back-end's own process, end now; may be repeated."""
        ...

    def close(self) -> None:
        """Lets go of descriptors and folders; the tree is dead and reaped."""
        ...


class Gauge(Protocol):
    """Reads what a tree consumes; ``Meter`` is the usual one."""

    def read(self) -> Reading:
        """Returns the state now, and what was seen before once the tree is gone."""
        ...

    def shared_once_bytes(self) -> int:
        """Returns the memory now with shared pages counted once; 0 if that is not known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """A tree that has just been started.

    Attributes:
        pid: Our child: when it ends, the tree is dead.
        root: Ancestor of all the candidate's processes, itself none of them.
        channels: Our ends of its pipes.
        backend: How to stop it.
        limits: Ceilings.
        writable: Host folders whose size is limited.
        cgroup: Its control group, if it has one.
        started_s: Monotonic time of the start.
        ended: Descriptor that becomes readable when our child has ended; -1 to open one.
        meter: What reads the tree; None for the usual.
        own_peak_bytes: Peak memory of this process at the start.
    """

    pid: int
    root: int
    channels: Channels
    backend: Backend
    limits: Limits
    writable: tuple[Path, ...]
    cgroup: Cgroup | None
    started_s: float
    ended: int = -1
    meter: Gauge | None = None
    own_peak_bytes: int = field(
        default_factory=lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    )

    def group_cpu_s(self) -> float:
        """CPU-seconds of the control group, 0 without one."""
        return self.cgroup.cpu_s if self.cgroup else 0.0

    def kernel_report(self) -> EndedBy | None:
        """Which limit of the control group the kernel had to enforce, if any."""
        if self.cgroup and self.cgroup.ran_out_of_memory:
            return EndedBy.MEMORY
        return EndedBy.PROCESSES if self.cgroup and self.cgroup.ran_out_of_processes else None


class _TreeMeter:
    """What a tree consumes by its processes, and by its control group if it has one.

    Attributes:
        reading: The last one of the processes.
        peak_bytes: Peak memory so far.
    """

    def __init__(self, gauge: Gauge, cgroup: Cgroup | None) -> None:
        self._gauge = gauge
        self._cgroup = cgroup
        self._group_bytes = 0
        self.reading = Reading(cpu_s=0.0, memory_bytes=0, memory_peak_bytes=0, tasks=0)
        self.peak_bytes = 0

    def read(self) -> None:
        self.reading = self._gauge.read()
        self._group_bytes = self._cgroup.memory_bytes if self._cgroup else 0
        self.peak_bytes = max(self.peak_bytes, self.reading.memory_peak_bytes, self._group_bytes)

    def cpu_s(self) -> float:
        """CPU-seconds so far."""
        return max(self.reading.cpu_s, self._cgroup.cpu_s if self._cgroup else 0.0)

    def is_over_memory(self, limit_bytes: int) -> bool:
        """Whether the last reading is above a limit."""
        if self._group_bytes > limit_bytes:
            return True
        if self.reading.memory_bytes <= limit_bytes:
            return False
        # Forked workers share pages; count them once before condemning. 0: not ours to read.
        shared_once = self._gauge.shared_once_bytes()
        return shared_once > limit_bytes or shared_once == 0


class WatchedProcess:
    """Implements ``Process`` for every back-end: waits, meters, ends.

    The watching happens inside ``poll`` and ``wait``, in the caller's thread. One timer behind
    them ends a tree whose caller is stuck, for instance writing questions that nobody reads.

    Attributes:
        questions: File descriptor to write frames to; -1 without pipes or after ``hang_up``.
            Writing blocks while the pipe is full, at most until the wall-clock limit; then it
            raises BrokenPipeError.
        answers: File descriptor to read frames from, non-blocking; -1 without pipes. It can be
            read after the end, until the ``with`` block is left.
    """

    def __init__(self, launched: Launched) -> None:
        self._it = launched
        self.questions = launched.channels.questions
        self.answers = launched.channels.answers
        self._meter = _TreeMeter(launched.meter or Meter(launched.root), launched.cgroup)
        self._printed = Printed(launched.channels)
        self._ended = launched.ended if launched.ended >= 0 else os.pidfd_open(launched.pid)
        # Often at first: a short program is gone before the second of regular readings.
        self._meter_every_s = _METER_FIRST_S
        self._next_meter_s = launched.started_s
        self._next_disk_s = launched.started_s
        self._deadline_s = launched.started_s + launched.limits.wall_s
        self._breach: EndedBy | None = None
        self._outcome: Outcome | None = None
        self._events = select.poll()
        for descriptor in (launched.channels.stdout, launched.channels.stderr, self._ended):
            self._events.register(descriptor, select.POLLIN)
        left_s = max(0.0, self._deadline_s - time.monotonic())
        self._backstop = threading.Timer(left_s + _BACKSTOP_S, self._end_stuck)
        self._backstop.daemon = True
        self._backstop.start()

    def poll(self, timeout_s: float) -> bool:
        """Enforces limits for at most ``timeout_s`` and says whether ``answers`` is readable."""
        until_s = time.monotonic() + timeout_s
        if self.answers < 0:
            self._watch(until_s)
            return False
        self._events.register(self.answers, select.POLLIN)
        try:
            self._watch(until_s)
        finally:
            self._events.unregister(self.answers)
        return _is_ready(self.answers)

    def hang_up(self) -> None:
        """Closes ``questions``, so that an orderly server ends."""
        self.questions = -1
        self._it.channels.close("questions")

    def wait(self) -> Outcome:
        """Waits for the end within the limits; on return no process of the tree is left."""
        while self._outcome is None:
            self._watch(self._deadline_s)
        return self._outcome

    def kill(self) -> Outcome:
        """Kills the whole tree now; on return no process of it is left."""
        if self._outcome is None and not _is_ready(self._ended):
            self._end(EndedBy.KILLED)
        return self.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.kill()
        finally:
            self.questions = self.answers = -1
            self._it.channels.close("questions", "answers")

    def _watch(self, until_s: float) -> None:
        """Serves the pipes and the meters until there is an answer, the end, or ``until_s``."""
        while self._outcome is None:
            now_s = time.monotonic()
            due_s = min(self._next_meter_s, self._deadline_s)
            pause_s = min(until_s - now_s, due_s - now_s, _LONGEST_PAUSE_S)
            ready = {found for found, _ in self._events.poll(max(0.0, pause_s) * 1000)}
            self._drain(ready)
            now_s = time.monotonic()
            if self._ended in ready:
                self._finish()
                return
            if now_s >= due_s:
                self._check_limits(now_s)
            if self.answers in ready or now_s >= until_s:
                return

    def _drain(self, ready: set[int]) -> None:
        for descriptor in self._printed.drain(ready):
            self._events.unregister(descriptor)
        if self._printed.n_bytes > self._it.limits.output_bytes:
            self._end(EndedBy.OUTPUT)

    def _check_limits(self, now_s: float) -> None:
        self._next_meter_s = now_s + self._meter_every_s
        self._meter_every_s = min(2 * self._meter_every_s, _METER_EVERY_S)
        self._meter.read()
        breach = self._breached(now_s)
        if breach is not None:
            self._end(breach)

    def _breached(self, now_s: float) -> EndedBy | None:
        limits = self._it.limits
        if now_s >= self._deadline_s:
            return EndedBy.WALL
        if self._meter.cpu_s() > limits.cpu_s:
            return EndedBy.CPU
        if self._meter.reading.tasks > limits.processes:
            return EndedBy.PROCESSES
        if self._meter.is_over_memory(limits.memory_bytes):
            return EndedBy.MEMORY
        if now_s >= self._next_disk_s and self._is_over_disk():
            return EndedBy.DISK
        return self._it.kernel_report()

    def _is_over_disk(self) -> bool:
        before_s = time.monotonic()
        room = self._it.limits.disk_bytes
        is_over = any(folder_bytes(folder, room) > room for folder in self._it.writable)
        now_s = time.monotonic()
        self._next_disk_s = now_s + _DISK_SHARE * (now_s - before_s)
        return is_over

    def _end(self, why: EndedBy) -> None:
        """Kills the tree and waits for its death; the first reason stands."""
        self._breach = self._breach or why
        self._it.backend.stop()
        self._deadline_s = self._next_meter_s = float("inf")
        while not _is_ready(self._ended, _LONGEST_PAUSE_S):
            self._it.backend.stop()

    def _end_stuck(self) -> None:
        """Kills the tree from the timer's thread, past the wall-clock limit."""
        if not _is_ready(self._ended):
            self._breach = self._breach or EndedBy.WALL
            self._it.backend.stop()

    def _finish(self) -> None:
        """Reaps the tree and states the outcome."""
        _, status, usage = os.wait4(self._it.pid, 0)
        wall_s = time.monotonic() - self._it.started_s
        self._backstop.cancel()
        self._backstop.join()
        self._printed.drain_rest()
        # The record of a child begins with the memory of the parent it was forked from: ours.
        # Only what exceeds that is known to be the tree's.
        reaped_bytes = usage.ru_maxrss * 1024
        reaped_bytes = reaped_bytes if reaped_bytes > self._it.own_peak_bytes else 0
        cpu_s = max(usage.ru_utime + usage.ru_stime, self._meter.reading.cpu_s)
        rc = _return_code(status)
        self._outcome = Outcome(
            ended_by=self._breach or self._cause(rc, cpu_s, reaped_bytes),
            rc=rc,
            wall_s=wall_s,
            cpu_s=self._it.group_cpu_s() or cpu_s,
            memory_peak_bytes=max(reaped_bytes, self._meter.peak_bytes),
            stdout=bytes(self._printed.stdout),
            stderr=bytes(self._printed.stderr),
        )
        self._release()

    def _cause(self, rc: int, cpu_s: float, reaped_bytes: int) -> EndedBy:
        """Why a tree is over that we did not end; limits that no reading caught come first."""
        limits = self._it.limits
        if self._printed.n_bytes > limits.output_bytes:
            return EndedBy.OUTPUT
        if rc == -signal.SIGXCPU or (self._it.group_cpu_s() or cpu_s) > limits.cpu_s:
            return EndedBy.CPU
        if reaped_bytes > limits.memory_bytes:
            return EndedBy.MEMORY
        if rc == -signal.SIGXFSZ or self._is_over_disk():
            return EndedBy.DISK
        return self._it.kernel_report() or (EndedBy.SIGNAL if rc < 0 else EndedBy.EXIT)

    def _release(self) -> None:
        if self._it.cgroup:
            self._it.cgroup.remove()
        self._it.backend.close()
        os.close(self._ended)


def _return_code(status: int) -> int:
    """Exit code, or minus the signal; shells report a signal as 128 more than its number."""
    code = os.waitstatus_to_exitcode(status)
    with contextlib.suppress(ValueError):
        if code > 128:
            return -signal.Signals(code - 128).value
    return code


def _is_ready(descriptor: int, timeout_s: float = 0.0) -> bool:
    events = select.poll()
    events.register(descriptor, select.POLLIN)
    return bool(events.poll(timeout_s * 1000))
