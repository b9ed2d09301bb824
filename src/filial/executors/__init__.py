"""When trials run: one after another here, or several in worker processes."""

from filial.executors.base import Executor, RunTrial
from filial.executors.inline import Inline
from filial.executors.pool import Pool

__all__ = ["Executor", "Inline", "Pool", "RunTrial"]
