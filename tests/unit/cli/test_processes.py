"""Ending a run ends what it started, and waits for it."""

import subprocess  # noqa: TID251 - processes to end
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from filial.cli import processes
from filial.cli.processes import kill

SANDBOX = """
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
print(os.getpid(), flush=True)
sys.stdin.read()         # until who started it is dead
time.sleep({dawdle})
"""
START = """
import subprocess, sys
command = [sys.executable, "-c", {program!r}]
subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session={new})
"""
SAY = "import os; print(os.getpid(), flush=True)\n"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
OBEDIENT = "import time; time.sleep(600)"


def starting(program: str, then: str, *, new: bool) -> str:
    return START.format(program=program, new=new) + then


@contextmanager
def running(program: str, n_lines: int) -> Iterator[tuple[int, list[int]]]:
    """A run in a session of its own, and the processes that said so."""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True
    ) as run:
        try:
            assert run.stdout is not None
            yield run.pid, [int(run.stdout.readline()) for _ in range(n_lines)]
        finally:
            run.kill()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("ending", [DEAF, OBEDIENT], ids=["deaf", "obedient"])
def test_sandboxes_that_take_a_while_are_waited_for(ending: str) -> None:
    sandbox = SANDBOX.format(dawdle=0.4)
    with running(starting(sandbox, ending, new=True), 1) as (run, pids):
        assert kill(run)
        assert not any(map(is_alive, [run, *pids]))


@pytest.mark.parametrize("ending", [DEAF, OBEDIENT], ids=["deaf", "obedient"])
def test_workers_go_too_and_their_sandboxes_are_waited_for(ending: str) -> None:
    worker = starting(SANDBOX.format(dawdle=0.4), SAY + DEAF, new=True)
    with running(starting(worker, ending, new=False), 2) as (run, pids):
        assert kill(run)
        assert not any(map(is_alive, [run, *pids]))


def test_what_does_not_end_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_PATIENCE_S", 0.1)
    sandbox = SANDBOX.format(dawdle=600)
    with running(starting(sandbox, OBEDIENT, new=True), 1) as (run, pids):
        assert not kill(run)
        subprocess.run(["/bin/kill", "-9", *map(str, pids)], check=True)


def test_nobody_has_ended_already() -> None:
    with running(OBEDIENT, 0) as (run, _):
        pass
    assert kill(run)
