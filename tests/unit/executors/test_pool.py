"""What only the local pool promises: deadlines, who does what, and an ear for the engine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from filial.core import Trial, TrialSpec
from filial.errors import ExamError, HostError, Stopped
from filial.executors import Pool
from filial.testing.executor_contract import ScriptedFactory, attempts, is_alive, spec


def test_a_trial_that_ignores_its_limits_ends_the_run(tmp_path: Path) -> None:
    pool = Pool(ScriptedFactory(tmp_path), 1, trial_s=1.5)
    with pytest.raises(ExamError, match=r"a trial took more than 2 s .* the exam hangs"):
        list(pool.run([spec("hang", 0)]))
    begun = [int(note.read_text()) for note in tmp_path.glob("hang-*")]  # none on a slow machine
    assert not any(map(is_alive, begun))


def test_every_attempt_has_the_time_of_a_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0

    def watcher(_worker: int, _text: str) -> None:
        nonlocal now_s
        now_s += 3.0

    monkeypatch.setattr("filial.executors.pool.monotonic", lambda: now_s)
    pool = Pool(Spoiling(), 1, trial_s=4, watcher=watcher)
    with pytest.raises(HostError, match="the disk is full"):
        list(pool.run([spec("plain")]))
    pool.close()
    assert now_s == 9.0


class Spoiling:
    """Tells of every attempt, which then fails."""

    def __call__(self, report: Callable[[str], None]) -> Callable[[TrialSpec], Trial]:
        def spoil(spec: TrialSpec) -> Trial:
            report("at it")
            raise HostError("the disk is full")

        return spoil


def test_the_watcher_is_told_who_does_what(tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []
    pool = Pool(
        ScriptedFactory(tmp_path), 1, trial_s=60, watcher=lambda *words: told.append(words)
    )
    list(pool.run([spec("plain", 0), spec("crash", 1)]))
    pool.close()
    assert told == [(0, "at plain/0"), (0, ""), (0, "at crash/1"), (0, "")]


def test_the_engine_may_stop_a_run_while_it_waits(tmp_path: Path) -> None:
    n_ticks = 0

    def tick() -> None:
        nonlocal n_ticks
        n_ticks += 1
        if (tmp_path / "hang-1").exists():
            raise Stopped("enough")

    pool = Pool(ScriptedFactory(tmp_path), 2, trial_s=60, tick=tick)
    with pytest.raises(Stopped, match="enough"):
        list(pool.run([spec("hang", 1)]))
    assert n_ticks >= 1
    assert not any(map(is_alive, attempts(tmp_path, spec("hang", 1))))


class Mute:
    """A trial's worker sends something that is no trial."""

    def __call__(self, report: object) -> "Mute":
        return self


def test_what_is_no_trial_is_refused() -> None:
    pool = Pool(Mute(), 1, trial_s=60)  # type: ignore[arg-type]  # that is the point
    with pytest.raises(TypeError, match="a worker sent Mute"):
        list(pool.run([spec("plain")]))
