"""Every executor keeps the contract of the seam."""

from filial.executors import Executor, Inline, Pool
from filial.testing.executor_contract import ExecutorContract, Factory, WorkerContract


class TestInline(ExecutorContract):
    def executor(self, factory: Factory) -> Executor:
        return Inline(factory(lambda _text: None))


class TestPool(WorkerContract):
    def executor(self, factory: Factory) -> Executor:
        return Pool(factory, 2, trial_s=60)
