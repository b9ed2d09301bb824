"""A run that is killed takes its workers and their candidates along, and no result outruns one."""

import os
import signal
import subprocess  # noqa: TID251 - somebody must really die
import sys
import threading
import time
from pathlib import Path

import pytest

from filial import Invalid
from filial.core import FailureKind, Split, Trial, TrialSpec
from filial.errors import SandboxError
from filial.sandboxes import Level, Sandbox, at
from filial.study import Study
from filial.testing.executor_contract import attempts, is_alive, spec, wait_for
from filial.testing.fork_bomb import (
    PROCESSES,
    await_explosion,
    bomb,
    command,
    make_study,
    marked,
    new_token,
)

RUN = """
import sys
from pathlib import Path
from filial.executors import Pool
from filial.testing.executor_contract import ScriptedFactory, spec
if __name__ == "__main__":
    pool = Pool(ScriptedFactory(Path(sys.argv[1])), 2, trial_s=60)
    list(pool.run([spec("hang", 0), spec("hang", 1)]))
"""


def until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while is_alive(pid):
        assert time.monotonic() < deadline, f"{pid} is still there"
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a worker notices at its next word")
@pytest.mark.timeout(60)
def test_workers_die_with_their_run(tmp_path: Path) -> None:
    program = tmp_path / "run.py"
    program.write_text(RUN)
    hanging = [spec("hang", 0), spec("hang", 1)]
    with subprocess.Popen([sys.executable, str(program), str(tmp_path)]) as run:
        for k in range(2):
            wait_for(tmp_path / f"hang-{k}")
            while not attempts(tmp_path, hanging[k]):  # it has made the file and not written yet
                time.sleep(0.01)
        workers = [attempts(tmp_path, one)[0] for one in hanging]
        assert all(map(is_alive, workers))
        os.kill(run.pid, signal.SIGKILL)
    for pid in workers:
        until_gone(pid)


LEVELS = (Level.L4, Level.L3, Level.L2)


def sandbox_of(level: Level) -> Sandbox:
    try:
        return at(level)
    except SandboxError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.timeout(300)
def test_fork_bombs_die_with_their_run(tmp_path: Path, level: Level, workers: int) -> None:
    sandbox_of(level)
    token = new_token()
    make_study(tmp_path / "s", token)
    with subprocess.Popen(
        command(tmp_path / "s", level, workers), start_new_session=True, stderr=subprocess.DEVNULL
    ) as run:
        try:
            await_explosion(token, lambda: run.poll() is None)
        finally:
            os.kill(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while left := marked(token):
        assert time.monotonic() < deadline, f"{left} are still there"
        time.sleep(0.01)


ENDINGS = {
    "answers": "    time.sleep(0.05)\n    return 1.0\n",
    "exits": "    os._exit(0)\n",
    "raises": "    raise SystemError\n",
    "talks nonsense": "    os.write(int(os.environ['FILIAL_OUT_FD']), b'x' * 64)\n",
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.timeout(120)
def test_the_whole_tree_is_dead_before_results_are_read(
    tmp_path: Path, level: Level, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bomb goes off and then its candidate goes on as if nothing were."""
    sandbox, token = sandbox_of(level), new_token()
    folder = tmp_path / "s"
    make_study(folder, token)
    head = bomb(token).partition("def answer")[0]
    once = f"def answer(question):\n    explode()\n{ENDINGS[ending]}"
    if ending == "answers":
        once = f"explode()\ndef answer(question):\n{ENDINGS[ending]}"
    (folder / "code" / "answer.py").write_text(head + once)
    study = Study(folder)
    found: list[int] = []

    def score(_self: object, _item: object, _answer: object) -> float:
        found.extend(marked(token))
        raise Invalid("read")

    monkeypatch.setattr(study.exam_class, "score", score)
    study.paths.state.mkdir(exist_ok=True)
    study.opened("policy")
    (tmp_path / "scratch").mkdir()
    seen, is_over = set[int](), threading.Event()

    def watch() -> None:
        while not is_over.wait(0.01):
            seen.update(marked(token))

    watcher = threading.Thread(target=watch)
    watcher.start()
    trial = study.examiner(sandbox, lambda _text: None)(
        TrialSpec(
            candidate=study.initial().id,
            split=Split.DEV,
            build_seed=1,
            exam_seed=1,
            label="dev/0",
        )
    )
    left = marked(token)
    is_over.set()
    watcher.join()
    assert not found
    assert not left
    assert ending != "answers" or len(seen) > PROCESSES // 2, "the bomb did not go off"
    assert isinstance(trial, Trial)
    assert trial.failure is not None
    assert (trial.failure.kind is FailureKind.INVALID) == (ending == "answers"), trial.failure
