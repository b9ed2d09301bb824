"""One sitting of an exam: questions out, answers in, and scores on this side only."""

import fcntl
import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from filial.core import Failure, FailureKind, Measurement
from filial.errors import ExamError
from filial.exams.base import Exam, Item, Plain
from filial.exams.frames import Decoder, Frame, FrameError, chunks
from filial.exams.marking import draw, mark, one_line

MAX_HELD_BYTES = 1 << 30
"""Most memory that the answers of one exam may take before they are scored."""
_PIPE_BYTES = 1 << 20  # the default is 64 KiB, and the two ends take a turn for each pipe full
_PATIENCE_S = 0.05  # how often limits are enforced while data flows


class Line(Protocol):
    """A line to one examinee, who may be dead, silent or lying."""

    questions: int
    """File descriptor to write to. Becomes non-blocking."""

    answers: int
    """File descriptor to read from, non-blocking."""

    def poll(self, timeout_s: float) -> bool:
        """Waits at most ``timeout_s``; True as soon as ``answers`` is readable or at its end.

        False before the time is up means that the examinee is gone.
        """
        ...


Connect: TypeAlias = Callable[[int], AbstractContextManager[Line]]
"""Opens a line to a fresh examinee for a sitting; on exit its whole process tree is dead."""


class _Broken(Exception):
    """There will be no answer; carries the failure to the end of the sitting."""

    def __init__(self, kind: FailureKind, detail: str) -> None:
        super().__init__(detail)
        self.failure = Failure(kind=kind, detail=detail)


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long to wait for one answer, and for those of all sittings together."""

    answer_s: float
    exam_s: float
    until_s: float  # monotonic time at which all have taken too long

    def deadline(self) -> float:
        """Returns when the answer to a question that is asked now must be there."""
        return min(time.monotonic() + self.answer_s, self.until_s)

    def why(self, k: int) -> str:
        """Returns which limit is over, in words, when the answer to item ``k`` is missing."""
        if time.monotonic() >= self.until_s:
            return f"answers took longer than {self.exam_s:g} s in all"
        return f"no answer to item {k} within {self.answer_s:g} s"


def sit(
    exam: Exam,
    split: str,
    seed: int,
    connect: Connect,
    *,
    answer_s: float = 10.0,
    exam_s: float = 60.0,
) -> tuple[Measurement, ...] | Failure:
    """Puts a candidate through an exam.

    Items are asked one at a time, shuffled within their sitting; every sitting gets a line of its
    own. Scoring begins when all answers are in and every line is closed, in the order of
    ``exam.items``.

    Args:
        exam: A fresh instance.
        split: Which items to draw.
        seed: The only source of chance.
        connect: Opens a line to a fresh examinee.
        answer_s: Seconds that one answer may take; the first includes the start of the examinee.
        exam_s: Seconds that drawing all items, getting all answers, and scoring all of them may
            each take. Opening a line does not count.

    Returns:
        A measurement of each metric, or the failure. NO_ANSWER and WALL say what was seen from
        this end of the line; the sandbox's outcome may know better why.

    Raises:
        ExamError: The exam is wrong. No candidate can cause it, save by an answer of the agreed
            form for which the exam's own ``score`` hangs or returns what is no score.
    """
    import numpy as np  # noqa: PLC0415 - slow to import, and needed only where exams are held

    items = draw(exam, split, seed, exam_s)
    shuffle = np.random.default_rng((seed, 1)).permutation
    sittings: dict[int, list[tuple[int, Item]]] = {}
    for k, item in enumerate(items):
        sittings.setdefault(item.sitting, []).append((k, item))
    answers: dict[int, Plain] = {}
    held_bytes, left_s = 0, exam_s
    try:
        for sitting, group in sittings.items():
            order = [group[i] for i in shuffle(len(group))]
            with connect(sitting) as line:
                opened_s = time.monotonic()
                patience = _Patience(answer_s, exam_s, until_s=opened_s + left_s)
                for k, frame in _ask(exam, line, order, patience):
                    answers[k] = frame.value
                    held_bytes += frame.memory_bytes
                    if held_bytes > MAX_HELD_BYTES:
                        return Failure(
                            kind=FailureKind.OUTPUT, detail="the answers take too much memory"
                        )
            left_s -= time.monotonic() - opened_s  # to the end: it may dawdle there, too
    except _Broken as broken:
        return broken.failure
    return mark(exam, items, [answers[k] for k in range(len(items))], exam_s)


def _ask(
    exam: Exam, line: Line, items: list[tuple[int, Item]], patience: _Patience
) -> Iterator[tuple[int, Frame]]:
    """Yields item number and answer frame, in the order of ``items``. Raises _Broken."""
    os.set_blocking(line.questions, False)
    _widen(line)
    decoder = Decoder()
    for n, (k, item) in enumerate(items):
        try:
            question = chunks(item.question, n)
        except FrameError as error:
            raise ExamError(
                f"{type(exam).__name__}.items: the question of item {k} cannot be sent: {error}"
            ) from None
        deadline = patience.deadline()
        if decoder.pending_bytes:
            raise _Broken(FailureKind.ILL_TYPED, f"more than one answer to item {k}")
        try:
            _send(line, question, deadline)
            frame = _receive(line, decoder, deadline)
        except FrameError as error:
            kind = FailureKind.OUTPUT if error.is_oversized else FailureKind.ILL_TYPED
            raise _Broken(kind, f"what came for item {k} is no answer: {error}") from None
        except TimeoutError:
            raise _Broken(FailureKind.WALL, patience.why(k)) from None
        except EOFError:
            raise _Broken(
                FailureKind.NO_ANSWER, f"it ended without an answer to item {k}"
            ) from None
        _check(frame, n, k)
        yield k, frame


def _widen(line: Line) -> None:
    """Makes the pipes hold more, where they are pipes and the kernel has the room."""
    if sys.platform == "linux":
        for descriptor in (line.questions, line.answers):
            with suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _check(frame: Frame, n: int, k: int) -> None:
    if frame.n != n:
        raise _Broken(FailureKind.ILL_TYPED, f"not an answer to item {k}, but to another question")
    if frame.raised:
        raise _Broken(FailureKind.CRASH, f"item {k}: {one_line(frame.raised)}")
    if frame.refused:
        raise _Broken(
            FailureKind.ILL_TYPED,
            f"the answer to item {k} cannot be sent: {one_line(frame.refused)}",
        )


def _send(line: Line, question: list[bytes | memoryview], deadline: float) -> None:
    """Writes a whole question, however slowly it is read.

    Raises:
        EOFError: Nobody will read it.
        TimeoutError: It was not read in time.
        FrameError: An answer began before the question had ended.
    """
    for chunk in question:
        rest = memoryview(chunk)
        while rest:
            try:
                rest = rest[os.write(line.questions, rest) :]
                if rest and time.monotonic() > deadline:
                    raise TimeoutError
            except BlockingIOError:
                _wait_for_reader(line, deadline)
            except ConnectionError:
                raise EOFError from None


def _wait_for_reader(line: Line, deadline: float) -> None:
    """Returns when more can be written, or soon. Raises as :func:`_send`."""
    if line.poll(0):
        with suppress(BlockingIOError):
            if os.read(line.answers, 1):
                raise FrameError("it began before the question had ended")
            raise EOFError
    if time.monotonic() > deadline:
        raise TimeoutError
    waiting = select.poll()
    waiting.register(line.questions, select.POLLOUT)
    waiting.poll(1000 * _PATIENCE_S)


def _receive(line: Line, decoder: Decoder, deadline: float) -> Frame:
    """Returns the next frame. Raises EOFError, TimeoutError and FrameError like :func:`_send`."""
    look_s = 0.0  # at once: who has an answer ready may be over a limit
    while True:
        now_s = time.monotonic()
        if now_s >= deadline:
            raise TimeoutError
        if now_s >= look_s:
            if not line.poll(deadline - now_s):
                raise EOFError if time.monotonic() < deadline else TimeoutError
            look_s = now_s + _PATIENCE_S
        try:
            n_bytes = os.readv(line.answers, [decoder.space()])
        except BlockingIOError:
            look_s = 0.0
            continue
        if n_bytes == 0:
            raise EOFError
        if (frame := decoder.filled(n_bytes)) is not None:
            return frame
