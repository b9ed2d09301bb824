"""Ending a run and everything that it started."""

import os
import select
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from filial.sandboxes import procfs

_GRACE_S = 0.7
_PATIENCE_S = 10.0
_FREEZING_S = 0.1
_LOOK_EVERY_S = 0.001
_NOTE_EVERY_S = 0.05
_MOST_WATCHED = 512


def kill(pid: int) -> bool:
    """Ends a run at once: it gets 0.7 s to close its ledger, and its workers none.

    On return, if it has ended, so have its workers and all their candidates: those in other
    sessions, deaf to signals, or forking for ever too. Workers stand still from the first moment,
    so that they start nothing that would be overlooked; sandboxes die with who started them.

    Returns:
        Whether it has ended, and all that.
    """
    try:
        tree = _Tree(pid)
    except ProcessLookupError:
        return True
    try:
        tree.freeze(with_root=False)
        tree.signal_root(signal.SIGTERM)
        if not tree.ends_within(_GRACE_S):
            tree.freeze(with_root=True)
        tree.kill()
        return tree.has_ended(_PATIENCE_S)
    finally:
        tree.close()


@dataclass(frozen=True, slots=True)
class _Process:
    """A line of the kernel's table: ``start`` tells later processes of the same number apart."""

    pid: int
    start: int
    state: str = field(compare=False)
    parent: int = field(compare=False)
    session: int = field(compare=False)

    @classmethod
    def read(cls, pid: int) -> Self | None:
        """Returns what is known of a process, or None if there is none."""
        fields = procfs.stat(pid)
        if not fields:
            return None
        parent, session, start = (int(fields[k]) for k in (1, 3, 19))
        return cls(pid, start, fields[0].decode(), parent, session)


class _Tree:
    """A process and what is below it, held by descriptors, so that no number is taken for another.

    Args:
        root: Process id.

    Raises:
        ProcessLookupError: It does not exist.
    """

    def __init__(self, root: int) -> None:
        self._held: dict[_Process, int] = {}
        found = _Process.read(root)
        if found is None or not self._hold(found):
            raise ProcessLookupError
        self._root = found

    def freeze(self, *, with_root: bool) -> None:
        """Stops the run's own processes, and then takes note of all there are.

        Sandboxes have sessions of their own and are left running: some end by themselves.
        """
        done = set() if with_root else {self._root}
        while new := [one for one in self._look() if self._is_own(one) and one not in done]:
            moving = [one for one in new if not _is_tracker(one.pid)]
            for one in moving:
                self._send(self._held[one], signal.SIGSTOP)
            _await_standstill(moving)
            done |= set(new)

    def kill(self) -> None:
        """Kills the run's own processes."""
        for process, descriptor in self._held.items():
            if self._is_own(process):
                self._send(descriptor, signal.SIGKILL)

    def signal_root(self, number: int) -> None:
        """Sends a signal to the root."""
        self._send(self._held[self._root], number)

    def ends_within(self, grace_s: float) -> bool:
        """Waits for the end of the root, taking note of what starts meanwhile."""
        until_s = time.monotonic() + grace_s
        while not self._end_of([self._held[self._root]], _NOTE_EVERY_S):
            if time.monotonic() > until_s:
                return False
            self._look()
        return True

    def has_ended(self, patience_s: float) -> bool:
        """Waits for the end of all that was taken note of; says whether it came."""
        return self._end_of(self._held.values(), patience_s)

    @staticmethod
    def _end_of(descriptors: Iterable[int], patience_s: float) -> bool:
        waiting = set(descriptors)
        events = select.poll()
        for descriptor in waiting:
            events.register(descriptor, select.POLLIN)
        until_s = time.monotonic() + patience_s
        while waiting and (left_s := until_s - time.monotonic()) > 0:
            for descriptor, _ in events.poll(1000 * left_s):
                events.unregister(descriptor)
                waiting.discard(descriptor)
        return not waiting

    def close(self) -> None:
        """Lets go of everything."""
        for descriptor in self._held.values():
            os.close(descriptor)

    def _is_own(self, process: _Process) -> bool:
        return process.session == self._root.session

    def _look(self) -> list[_Process]:
        """Takes note of the living below the root, the nearest first; returns them and the root.

        A fork bomb can be more than there are descriptors: what is far down is left out, for it
        dies before what is above it is seen dead.
        """
        children: dict[int, list[_Process]] = {}
        for pid in _numbers():
            process = _Process.read(pid)
            if process is not None:
                children.setdefault(process.parent, []).append(process)
        found = [self._root]
        for above in found:  # grows on the way
            found += [one for one in children.get(above.pid, ()) if self._hold(one)]
        return found

    def _hold(self, process: _Process) -> bool:
        if process in self._held:
            return True
        if len(self._held) >= _MOST_WATCHED:
            return False
        try:
            descriptor = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return False
        if _Process.read(process.pid) != process:
            os.close(descriptor)
            return False
        self._held[process] = descriptor
        return True

    @staticmethod
    def _send(descriptor: int, number: int) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(descriptor, number)


def _numbers() -> Iterable[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 - hundreds


def _is_tracker(pid: int) -> bool:
    """Whether it is the one of ``multiprocessing``: it starts nothing, and its run awaits it."""
    try:
        return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _await_standstill(processes: list[_Process]) -> None:
    """Returns when all of them have stopped or ended, or soon: some wait for the disk."""
    until_s = time.monotonic() + _FREEZING_S
    while time.monotonic() < until_s:
        states = [_Process.read(process.pid) for process in processes]
        if all(now is None or now.state in "TtZX" for now in states):
            return
        time.sleep(_LOOK_EVERY_S)
