"""A run that is killed takes its workers along."""

import os
import signal
import subprocess  # noqa: TID251 - somebody must really die
import sys
import time
from pathlib import Path

import pytest

from filial.testing.executor_contract import attempts, is_alive, spec, wait_for

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
        workers = [attempts(tmp_path, one)[0] for one in hanging]
        assert all(map(is_alive, workers))
        os.kill(run.pid, signal.SIGKILL)
    for pid in workers:
        until_gone(pid)
