"""A language model that says what it was told to say."""

import threading
from collections.abc import Callable, Sequence

from filial.core import Failure, FailureKind, Reply, Request, Spend


class FakeModel:
    """Answers from a script, after a wait; its tokens are words.

    Args:
        answers: Either texts, given out in this order, ``n_answers`` to a request, and a failure
            once none is left; or a function of the request, which may give fewer than were asked
            for. A text that does not begin with the request's prefix gets it put before it.
        latency_s: How long each request takes, without using the CPU.

    Attributes:
        requests: Every request so far, oldest first.
    """

    name = "fake"

    def __init__(
        self,
        answers: Sequence[str] | Callable[[Request], Sequence[str]],
        latency_s: float = 0.0,
    ) -> None:
        self.requests: list[Request] = []
        self._answers = answers if callable(answers) else list(answers)
        self._latency_s = latency_s
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def generate(self, request: Request) -> Reply:
        """Returns the next answers of the script, or a failure if it has ended."""
        with self._lock:
            self.requests.append(request)
        if self._latency_s:
            self._closed.wait(self._latency_s)
        texts = self._next(request)
        asked = sum(_n_words(t) for t in (request.system, *(turn.text for turn in request.turns)))
        if self._closed.is_set() or not texts:
            why = "the model is closed" if self._closed.is_set() else "the script has ended"
            failure = Failure(kind=FailureKind.MODEL, detail=why)
            return Reply(answers=(), failure=failure, spend=Spend(tokens=asked), model=self.name)
        prefix = request.prefix
        answers = tuple(t if t.startswith(prefix) else prefix + t for t in texts)
        spend = Spend(tokens=asked + sum(map(_n_words, answers)))
        return Reply(answers=answers, spend=spend, model=self.name)

    def close(self) -> None:
        """Ends the waits; every later request fails."""
        self._closed.set()

    def _next(self, request: Request) -> tuple[str, ...]:
        if callable(self._answers):
            return tuple(self._answers(request))[: request.n_answers]
        with self._lock:
            taken = self._answers[: request.n_answers]
            del self._answers[: request.n_answers]
        return tuple(taken)


def _n_words(text: str) -> int:
    return len(text.split())
