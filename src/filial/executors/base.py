"""The executor seam."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from filial.core import Trial, TrialSpec

RunTrial = Callable[[TrialSpec], Trial]


class Executor(Protocol):
    """Runs trials, perhaps several at a time.

    Contract:
        - ``run`` yields exactly one trial a spec, in the order of ``specs``, whatever order they
          finish in; so the ledger does not depend on the number of workers.
        - A worker that dies is replaced and its trial run again, at most twice; after that the
          trial's failure is ``HOST``. A candidate's own trouble is a failure inside its trial.
        - A trial that raises ``HostError`` or ``SandboxError`` is run again, at most twice: a full
          disk or a refused fork may pass. After that the exception is raised here.
        - Any other exception of the examiner (``StudyError``) is raised here at once.
        - ``close`` ends every process it started, at once, and may be called twice.
    """

    def run(self, specs: Iterable[TrialSpec]) -> Iterator[Trial]:
        """Yields the trials of ``specs`` in order."""
        ...

    def close(self) -> None:
        """Ends all workers and whatever they run."""
        ...
