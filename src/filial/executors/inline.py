"""Trials one after another, in this process."""

from collections.abc import Iterable, Iterator

from filial.core import Trial, TrialSpec
from filial.executors.again import again
from filial.executors.base import RunTrial


class Inline:
    """Runs each trial when it is asked for: for tests, debugging and the overhead benchmark.

    Args:
        run_trial: The examiner.
    """

    def __init__(self, run_trial: RunTrial) -> None:
        self._run_trial = again(run_trial)

    def run(self, specs: Iterable[TrialSpec]) -> Iterator[Trial]:
        """Yields the trials of ``specs`` in order."""
        return map(self._run_trial, specs)

    def close(self) -> None:
        """Does nothing: no process outlives ``run``."""
