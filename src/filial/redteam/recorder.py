"""A sandbox that also remembers how everything in it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from filial.sandboxes.base import Command, Level, Outcome, Process, Sandbox

FACTS = "REDTEAM_FACTS"
"""The environment variable in which a specimen finds its facts, as JSON."""


@dataclass(slots=True)
class Recorder:
    """Starts commands in another sandbox; adds the facts, remembers the outcomes.

    Attributes:
        inner: Where commands really run.
        facts: What specimens are told.
        outcomes: How commands ended, in order.
    """

    inner: Sandbox
    facts: Mapping[str, str | int]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def level(self) -> Level:
        """The level of the inner sandbox."""
        return self.inner.level

    @level.setter
    def level(self, _level: Level) -> None:
        raise AttributeError("the level is that of the inner sandbox")

    def start(self, command: Command) -> "Recorded":
        """Starts ``command``. Raises SandboxError if the sandbox cannot be set up."""
        environment = {**command.environment, FACTS: json.dumps(dict(self.facts))}
        return Recorded(self.inner.start(replace(command, environment=environment)), self.outcomes)


class Recorded:
    """A process of the inner sandbox; its end goes on record."""

    def __init__(self, inner: Process, outcomes: list[Outcome]) -> None:
        self._inner = inner
        self._outcomes = outcomes
        self._is_on_record = False
        self.questions = inner.questions
        self.answers = inner.answers

    def poll(self, timeout_s: float) -> bool:
        """See ``Process``."""
        return self._inner.poll(timeout_s)

    def hang_up(self) -> None:
        """See ``Process``."""
        self.questions = -1
        self._inner.hang_up()

    def wait(self) -> Outcome:
        """See ``Process``."""
        return self._record(self._inner.wait())

    def kill(self) -> Outcome:
        """See ``Process``."""
        return self._record(self._inner.kill())

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._inner.__exit__(kind, error, traceback)

    def _record(self, outcome: Outcome) -> Outcome:
        if not self._is_on_record:
            self._is_on_record = True
            self._outcomes.append(outcome)
        return outcome
