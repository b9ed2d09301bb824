"""What every executor must do, as pytest classes.

Subclass :class:`ExecutorContract`, or :class:`WorkerContract` if trials run in other processes,
and say how to make the executor::

    class TestMine(WorkerContract):
        def executor(self, factory: Factory) -> Executor:
            return Mine(factory, n_workers=2)
"""
# ruff: noqa: D102, S101 - a test suite that happens to be shipped

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from filial.core import Failure, FailureKind, Measurement, Split, Trial, TrialSpec
from filial.errors import ExamError, FilialError, HostError, SandboxError
from filial.executors import Executor, RunTrial

Report = Callable[[str], None]
Factory = Callable[[Report], RunTrial]
Make = Callable[[Factory], Executor]

_PATIENCE_S = 20.0


def spec(label: str, k: int = 0) -> TrialSpec:
    """Returns the spec that asks :class:`Scripted` for what ``label`` begins with."""
    return TrialSpec(
        candidate="a1" * 20, split=Split.DEV, build_seed=k, exam_seed=k, label=f"{label}/{k}"
    )


@dataclass(frozen=True, slots=True)
class ScriptedFactory:
    """Makes a :class:`Scripted`, in whatever process it is called.

    Attributes:
        folder: Where the trials leave notes for one another.
        is_broken: Whether it raises instead.
    """

    folder: Path
    is_broken: bool = False

    def __call__(self, report: Report) -> RunTrial:
        """Returns what runs the trials."""
        if self.is_broken:
            raise ExamError("the exam cannot be loaded")
        return Scripted(self.folder, report)


@dataclass(frozen=True, slots=True)
class Scripted:
    """An examiner whose trials do what the first word of their label says.

    The value it measures is the process it ran in, so that this may be asked about.
    """

    folder: Path
    report: Report

    def __call__(self, spec: TrialSpec) -> Trial:
        """Returns the trial of ``spec``, or does worse."""
        word, number = spec.label.split("/")
        notes = self.folder / spec.label.replace("/", "-")
        with notes.open("a", encoding="utf-8") as file:
            file.write(f"{os.getpid()}\n")
        self.report(f"at {spec.label}")
        match word:
            case "crash":
                failure = Failure(kind=FailureKind.CRASH, detail="its own")
                return Trial(spec=spec, level="L3", failure=failure)
            case "raise":
                raise ExamError(f"the exam raised at {number}")
            case "spoil" if len(attempts(self.folder, spec)) <= int(number):
                raise HostError("the disk is full")
            case "refuse" if len(attempts(self.folder, spec)) <= int(number):
                raise SandboxError("no more processes")
            case "die" if len(attempts(self.folder, spec)) <= int(number):
                os.kill(os.getpid(), signal.SIGKILL)
            case "after":
                wait_for(self.folder / f"first-{number}")
            case "hang":
                wait_for(self.folder / "never")
        value = Measurement(metric="process", value=float(os.getpid()))
        return Trial(spec=spec, level="L3", measurements=(value,))


def attempts(folder: Path, spec: TrialSpec) -> list[int]:
    """Returns the processes that began this trial, in order."""
    notes = folder / spec.label.replace("/", "-")
    return [int(line) for line in notes.read_text(encoding="utf-8").split()]


def wait_for(path: Path) -> None:
    """Returns when ``path`` exists. Raises TimeoutError when it does not for a long time."""
    deadline = time.monotonic() + _PATIENCE_S
    while not path.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(path)
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Returns whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    """Kills a process and returns when it has ended."""
    os.kill(pid, signal.SIGKILL)
    with suppress(ChildProcessError):  # somebody else's child
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def processes(trials: Sequence[Trial]) -> set[int]:
    """Returns the processes in which ``trials`` ran."""
    return {int(trial["process"].value) for trial in trials}


class ExecutorContract:
    """What every executor keeps."""

    def executor(self, factory: Factory) -> Executor:
        """Returns a new executor of what ``factory`` makes."""
        raise NotImplementedError

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        """Makes executors that are closed after the test."""
        made: list[Executor] = []

        def make(factory: Factory) -> Executor:
            made.append(self.executor(factory))
            return made[-1]

        yield make
        for executor in made:
            executor.close()

    def test_one_trial_a_spec_in_their_order(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        specs = [spec("plain", k) for k in range(9)]
        assert [trial.spec for trial in executor.run(specs)] == specs
        assert all(len(attempts(tmp_path, one)) == 1 for one in specs)

    def test_it_runs_again_and_again(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        assert list(executor.run([])) == []
        for k in range(3):
            assert [t.spec for t in executor.run([spec("plain", k)])] == [spec("plain", k)]
        assert list(executor.run(iter(()))) == []

    def test_equal_specs_are_run_one_by_one(self, make: Make, tmp_path: Path) -> None:
        trials = list(make(ScriptedFactory(tmp_path)).run([spec("plain")] * 3))
        assert [trial.spec for trial in trials] == [spec("plain")] * 3
        assert len(attempts(tmp_path, spec("plain"))) == 3

    def test_a_candidates_trouble_is_its_own(self, make: Make, tmp_path: Path) -> None:
        specs = [spec("plain", 0), spec("crash", 1), spec("plain", 2)]
        failures = [t.failure for t in make(ScriptedFactory(tmp_path)).run(specs)]
        assert failures == [None, Failure(kind=FailureKind.CRASH, detail="its own"), None]
        assert len(attempts(tmp_path, specs[1])) == 1

    def test_an_error_of_the_exam_is_raised_here(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        with pytest.raises(ExamError) as caught:
            list(executor.run([spec("raise", 5)]))
        assert str(caught.value) == "the exam raised at 5"

    def test_an_error_of_the_exam_is_not_retried(self, make: Make, tmp_path: Path) -> None:
        with pytest.raises(ExamError):
            list(make(ScriptedFactory(tmp_path)).run([spec("raise", 5)]))
        assert len(attempts(tmp_path, spec("raise", 5))) == 1

    @pytest.mark.parametrize("word", ["spoil", "refuse"])
    def test_a_trial_that_the_machine_spoils_is_run_again(
        self, make: Make, tmp_path: Path, word: str
    ) -> None:
        specs = [spec(word, 2), spec(word, 1), spec("plain", 0)]
        trials = list(make(ScriptedFactory(tmp_path)).run(specs))
        assert [trial.spec for trial in trials] == specs
        assert [trial.failure for trial in trials] == [None, None, None]
        assert [len(attempts(tmp_path, one)) for one in specs] == [3, 2, 1]

    @pytest.mark.parametrize(
        ("word", "kind", "words"),
        [
            ("spoil", HostError, "the disk is full"),
            ("refuse", SandboxError, "no more processes"),
        ],
    )
    def test_after_three_attempts_the_machines_error_is_raised(
        self, make: Make, tmp_path: Path, word: str, kind: type[FilialError], words: str
    ) -> None:
        with pytest.raises(kind, match=words):
            list(make(ScriptedFactory(tmp_path)).run([spec(word, 99)]))
        assert len(attempts(tmp_path, spec(word, 99))) == 3

    def test_an_exam_that_cannot_be_made_is_raised_here(self, make: Make, tmp_path: Path) -> None:
        with pytest.raises(ExamError) as caught:
            list(make(ScriptedFactory(tmp_path, is_broken=True)).run([spec("plain")]))
        assert str(caught.value) == "the exam cannot be loaded"

    def test_close_may_be_called_at_any_time(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        executor.close()
        trials = list(executor.run([spec("plain", 0)]))
        executor.close()
        executor.close()
        assert not any(map(is_alive, processes(trials) - {os.getpid()}))


class WorkerContract(ExecutorContract):
    """What executors with two or more processes of their own keep beyond that."""

    def test_finishing_in_another_order_changes_nothing(self, make: Make, tmp_path: Path) -> None:
        """The first trial waits for the second: they run side by side, and come in order."""
        specs = [spec("after", 7), spec("first", 7), spec("plain", 8)]
        trials = list(make(ScriptedFactory(tmp_path)).run(specs))
        assert [trial.spec for trial in trials] == specs
        assert len(processes(trials)) == 2
        assert os.getpid() not in processes(trials)

    def test_a_dead_workers_trial_is_run_again(self, make: Make, tmp_path: Path) -> None:
        specs = [spec("die", 2), spec("die", 1), spec("plain", 0)]
        trials = list(make(ScriptedFactory(tmp_path)).run(specs))
        assert [trial.spec for trial in trials] == specs
        assert [trial.failure for trial in trials] == [None, None, None]
        assert len(set(attempts(tmp_path, specs[0]))) == 3
        assert len(set(attempts(tmp_path, specs[1]))) == 2

    def test_after_three_deaths_the_host_is_to_blame(self, make: Make, tmp_path: Path) -> None:
        specs = [spec("die", 99), spec("plain", 1)]
        died, fine = make(ScriptedFactory(tmp_path)).run(specs)
        assert died.spec == specs[0]
        assert died.failure is not None
        assert died.failure.kind is FailureKind.HOST
        assert not died.failure.blames_candidate
        assert len(attempts(tmp_path, specs[0])) == 3
        assert fine.failure is None

    def test_an_idle_worker_that_died_is_replaced(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        pair = [spec("after", 1), spec("first", 1)]
        killed = processes(list(executor.run(pair)))
        for pid in killed:
            kill(pid)
        trials = list(executor.run([spec("plain", k) for k in range(4)]))
        assert [trial.failure for trial in trials] == [None] * 4
        assert not killed & processes(trials)

    def test_a_run_cut_short_leaves_nothing_to_the_next(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        running = executor.run([spec("plain", 1), spec("hang", 2)])
        assert next(running).spec == spec("plain", 1)
        running.close()  # type: ignore[attr-defined]  # every generator has it
        pair = [spec("after", 3), spec("first", 3)]
        assert [trial.spec for trial in executor.run(pair)] == pair

    def test_close_ends_running_trials(self, make: Make, tmp_path: Path) -> None:
        executor = make(ScriptedFactory(tmp_path))
        running = executor.run([spec("first", 1), spec("hang", 2)])
        next(running)
        wait_for(tmp_path / "hang-2")
        executor.close()
        assert not any(map(is_alive, attempts(tmp_path, spec("hang", 2))))
