"""Choosing a sandbox by what it withstands."""

import os
import subprocess  # noqa: TID251 - what a sandbox must not do
import sys
import time
from dataclasses import replace

import pytest

from filial.errors import SandboxError
from filial.sandboxes import Command, Level, Process, Sandbox, at, best, check, selection
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.selection import probes
from filial.sandboxes.streams import open_channels


class Bare:
    """No sandbox at all: the program runs as the caller does."""

    level: Level = Level.L0

    def start(self, command: Command) -> Process:
        ours, theirs = open_channels(pipes=True)
        places = {
            "FILIAL_OUT": str(command.out),
            "FILIAL_IN": str(theirs.questions),
            "FILIAL_OUT_FD": str(theirs.answers),
        }
        popen = subprocess.Popen(
            [sys.executable, *command.argv[1:]],
            cwd=command.code,
            stdin=subprocess.DEVNULL,
            stdout=theirs.stdout,
            stderr=theirs.stderr,
            env={**os.environ, **places},  # noqa: TID251 - the point
            pass_fds=theirs.data_ends(),
        )
        theirs.close_all()
        launched = Launched(
            pid=popen.pid,
            root=popen.pid,
            channels=ours,
            backend=_Only(popen),
            limits=command.limits,
            writable=(),
            cgroup=None,
            started_s=time.monotonic(),
        )
        return WatchedProcess(launched)


class _Only:
    def __init__(self, popen: "subprocess.Popen[bytes]") -> None:
        self._popen = popen

    def stop(self) -> None:
        self._popen.kill()

    def close(self) -> None:
        self._popen.returncode = 0


class Changed:
    """A sandbox that does not run quite what it was given."""

    def __init__(self, inner: Sandbox, **changes: object) -> None:
        self.level = inner.level
        self._inner = inner
        self._changes = changes

    def start(self, command: Command) -> Process:
        return self._inner.start(replace(command, **self._changes))  # type: ignore[arg-type]


def _never() -> Sandbox:
    raise SandboxError("nothing works here")


@pytest.fixture
def any_sandbox() -> Sandbox:
    try:
        return best(Level.L2)
    except SandboxError as error:
        pytest.skip(str(error))


def test_every_attack_works_without_a_sandbox() -> None:
    control, *attacks = probes(Bare())
    assert control.passed, control
    assert [row for row in attacks if row.passed] == []
    assert len(attacks) == 7


def test_one_more_variable_is_noticed(any_sandbox: Sandbox) -> None:
    rows = probes(Changed(any_sandbox, environment={"SOME_KEY": "1"}))
    assert [row.name for row in rows if not row.passed] == ["inherit the caller's environment"]


def test_sandbox_in_which_nothing_runs_fails(any_sandbox: Sandbox) -> None:
    (row,) = probes(Changed(any_sandbox, argv=("no-such-program",)))
    assert not row.passed
    assert "no-such-program" in row.detail


def test_every_level_is_checked() -> None:
    rows = check()
    assert {row.level for row in rows} == {Level.L2, Level.L3, Level.L4}
    assert all(row.passed == (row.detail == "") for row in rows)


def test_best_is_the_highest_that_passes(any_sandbox: Sandbox) -> None:
    failed = {row.level for row in check() if not row.passed}
    passed = {Level.L2, Level.L3, Level.L4} - failed
    assert any_sandbox.level == max(passed)


def test_next_best_is_taken(monkeypatch: pytest.MonkeyPatch, any_sandbox: Sandbox) -> None:
    offers = {Level.L4: _never, Level.L3: lambda: any_sandbox}
    monkeypatch.setattr(selection, "_BACKENDS", offers)
    assert best() is any_sandbox


def test_failure_names_everything_that_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "_BACKENDS", {Level.L4: _never, Level.L3: Bare})
    with pytest.raises(SandboxError, match=r"nothing works here; .*read a file of the host"):
        best()


@pytest.mark.parametrize("level", [Level.L0, Level.L1])
def test_less_than_isolation_is_refused(level: Level) -> None:
    with pytest.raises(SandboxError, match="does not isolate"):
        best(level)
    with pytest.raises(SandboxError, match="no sandbox of level"):
        at(level)


def test_more_than_there_is_is_refused() -> None:
    with pytest.raises(SandboxError, match="no back-end reaches it"):
        best(Level.L5)
