"""What calls of models may cost, counting those in flight."""

import threading
from collections.abc import Callable

from filial.core import Budget, Failure, FailureKind, Reply, Request, Spend
from filial.models.base import LanguageModel


class Allowance:
    """What is left for all models of a study, in tokens and USD. Thread-safe.

    Of each call the worst case is set aside before it begins and what it really cost is taken
    afterwards, so the ceilings hold however many calls are in flight.

    Args:
        budget: The study's ceilings.
        recorded: What the study has spent so far by its record. The record may lag behind, so
            the larger of it and of what this object saw itself counts.

    What this does not cover: calls of another process, and models that cost more than the worst
    case they were asked for.
    """

    def __init__(self, budget: Budget, recorded: Callable[[], Spend]) -> None:
        self._budget = budget
        self._recorded = recorded
        self._seen = recorded()
        self._in_flight = Spend()
        self._n_in_flight = 0
        self._changed = threading.Condition()

    def reserve(self, worst: Spend) -> str | None:
        """Sets ``worst`` aside, if need be once calls in flight have ended.

        Returns:
            None, or why it cannot be: not even if the calls in flight cost nothing.
        """
        with self._changed:
            while True:
                used = self._used()
                if (why := self._refusal(used, worst)) is not None:
                    return why
                if self._refusal(_sum(used, self._in_flight), worst) is None:
                    self._in_flight = _sum(self._in_flight, worst)
                    self._n_in_flight += 1
                    return None
                self._changed.wait()

    def settle(self, worst: Spend, actual: Spend) -> None:
        """Gives back what was set aside for a call, and takes what it cost."""
        with self._changed:
            self._n_in_flight -= 1
            left = Spend(
                tokens=self._in_flight.tokens - worst.tokens,
                usd=max(0.0, self._in_flight.usd - worst.usd),
            )
            # Sums of floats do not quite come back to 0.
            self._in_flight = left if self._n_in_flight else Spend()
            self._seen = _sum(self._seen, actual)
            self._changed.notify_all()

    def _used(self) -> Spend:
        recorded = self._recorded()
        return Spend(
            tokens=max(recorded.tokens, self._seen.tokens), usd=max(recorded.usd, self._seen.usd)
        )

    def _refusal(self, used: Spend, worst: Spend) -> str | None:
        left = self._budget.left(used)
        if left.tokens is not None and not worst.tokens <= left.tokens:
            return (
                f"a call may take {worst.tokens} tokens and {left.tokens} are left, so it was not "
                "made; raise tokens in [budget]"
            )
        if left.usd is not None and not worst.usd <= left.usd:
            return (
                f"a call may cost {worst.usd:.4f} USD and {left.usd:.4f} are left; "
                "raise usd in [budget], or take a cheaper model"
            )
        return None


class Capped:
    """A model that is not asked if the answer might cost more than is left.

    Args:
        model: Who is asked; it is closed with this.
        allowance: What is left, shared with the study's other models.
        worst: A ceiling on what the answers to a request may cost.

    Attributes:
        name: The model's.
    """

    def __init__(
        self, model: LanguageModel, allowance: Allowance, worst: Callable[[Request], Spend]
    ) -> None:
        self.name = model.name
        self._model = model
        self._allowance = allowance
        self._worst = worst

    def generate(self, request: Request) -> Reply:
        """Returns the model's answers, or a failure if they might not be paid for."""
        worst = self._worst(request)
        why = self._allowance.reserve(worst)
        if why is not None:
            failure = Failure(kind=FailureKind.MODEL, detail=f"{self.name}: {why}")
            return Reply(answers=(), failure=failure, model=self.name)
        actual = worst  # of a call that is interrupted nobody knows more
        try:
            reply = self._model.generate(request)
            actual = reply.spend
        finally:
            self._allowance.settle(worst, actual)
        return reply

    def close(self) -> None:
        """Closes the model."""
        self._model.close()


def _sum(one: Spend, other: Spend) -> Spend:
    return Spend(tokens=one.tokens + other.tokens, usd=one.usd + other.usd)
