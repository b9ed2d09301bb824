"""Trials that the machine spoiled are run again."""

from collections.abc import Callable

from filial.core import Trial, TrialSpec
from filial.errors import HostError, SandboxError
from filial.executors.base import RunTrial

MAX_ATTEMPTS = 3
"""How often a trial is begun, in all, when the machine spoils it."""


def again(run_trial: RunTrial, tell: Callable[[], object] = lambda: None) -> RunTrial:
    """Returns an examiner that runs a trial again when the machine, not the candidate, fails.

    Args:
        run_trial: The examiner.
        tell: Called before every further attempt.

    Returns:
        What raises ``HostError`` or ``SandboxError`` only after ``MAX_ATTEMPTS`` attempts; any
        other exception is raised at once.
    """

    def persistent(spec: TrialSpec) -> Trial:
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return run_trial(spec)
            except (HostError, SandboxError):
                tell()
        return run_trial(spec)

    return persistent
