"""SIGKILL at random moments: the resumed ledger equals an undisturbed one."""

import random  # noqa: TID251 - moments of death, from a fixed seed
import shutil
import signal
import subprocess  # noqa: TID251 - the engine must really die
import sys
import time
from pathlib import Path

from filial.core import SESSION_EVENTS
from filial.storages import content
from filial.study import Study
from filial.testing.studies import copy_without_cheats

N_KILLS = 50

CHILD = """
import sys
from pathlib import Path
from filial.running import Surroundings, run
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox
import filial.archives, filial.proposers, libcst, numpy, scipy.special, sqlalchemy, pygit2
study = Study(Path(sys.argv[1]))
print("ready", flush=True)
run(study, Surroundings(workers=0, sandbox=InProcessSandbox()))
print("done", flush=True)
"""


def make_study(folder: Path, candidates: int) -> None:
    copy_without_cheats("sums", folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("candidates = 60", f"candidates = {candidates}"))
    assert Study(folder).seeds.commitment  # both copies need the same secret


def contents(folder: Path) -> list[str]:
    with Study(folder).storage(read_only=True) as storage:
        assert storage.verify() > 0
        return [
            content(event.body)
            for event in storage.events()
            if not isinstance(event.body, SESSION_EVENTS)
        ]


def run_until(folder: Path, delay_s: float | None) -> bool:
    """Runs the study in a process of its own; returns whether it was killed after ``delay_s``."""
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if delay_s is not None:
            time.sleep(delay_s)
            process.send_signal(signal.SIGKILL)
        finished = process.stdout.read() == "done\n"
    # It may die on its way out, after its last word.
    assert process.returncode in ((0, -signal.SIGKILL) if finished else (-signal.SIGKILL,))
    return not finished


def test_killed_at_fifty_random_moments(tmp_path: Path) -> None:
    make_study(tmp_path / "undisturbed", candidates=260)
    shutil.copytree(tmp_path / "undisturbed", tmp_path / "fresh")
    begin = time.monotonic()
    assert not run_until(tmp_path / "undisturbed", None)
    whole_s = time.monotonic() - begin

    chance = random.Random(20)  # noqa: S311
    longest_s = 2 * whole_s / N_KILLS
    for attempt in range(4):  # the machine may have grown faster meanwhile
        killed = shutil.copytree(tmp_path / "fresh", tmp_path / f"killed{attempt}")
        if all(run_until(killed, chance.uniform(0, longest_s)) for _ in range(N_KILLS)):
            break
        longest_s /= 2
    else:
        raise AssertionError("it finished each time; give it more candidates")
    run_until(killed, None)

    assert contents(killed) == contents(tmp_path / "undisturbed")
