"""Choosing a sandbox by what it withstands."""

import os
import shutil
import subprocess  # noqa: TID251 - what a sandbox must not do
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.sandboxes import (
    Command,
    Level,
    Posix,
    Probe,
    Process,
    Sandbox,
    at,
    best,
    check,
    hindrances,
    losses,
    reached,
    selection,
)
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.selftest import CONTROL, claims, probes
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


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def any_sandbox() -> Sandbox:
    try:
        return best(Level.L2)
    except SandboxError as error:
        pytest.skip(str(error))


def _offer(
    monkeypatch: pytest.MonkeyPatch, offers: dict[Level, dict[str, Callable[[], Sandbox]]]
) -> None:
    monkeypatch.setattr(selection, "_BACKENDS", offers)


class Pretended(Bare):
    """No sandbox, whatever it says."""

    level = Level.L4


class Counted:
    """Counts how often it starts something."""

    def __init__(self, inner: Sandbox) -> None:
        self.level = inner.level
        self.n_starts = 0
        self._inner = inner

    def start(self, command: Command) -> Process:
        self.n_starts += 1
        return self._inner.start(command)


# The self-test.


def test_every_attack_works_without_a_sandbox() -> None:
    control, *attacks = probes(Bare())
    assert control.passed, control
    assert [row for row in attacks if row.passed] == []
    assert len(attacks) == 9


def test_attacks_that_work_fail_a_level_that_claims_to_stop_them() -> None:
    failures = {row.name for row in probes(Pretended()) if row.is_failure}
    assert failures == claims(Level.L4)
    assert len(failures) == 8, "all but sharing the kernel"


def test_l1_claims_little_and_holds_it() -> None:
    control, *attacks = probes(Posix())
    assert control.passed, control
    assert not [row for row in attacks if row.is_failure]
    works = [row for row in attacks if not row.passed]
    assert {row.name for row in works}.isdisjoint(claims(Level.L1))
    assert len(works) == 6
    assert {row.detail for row in works} == {"not stopped at this level"}


def test_l1_claims_less_where_there_are_no_subreapers() -> None:
    assert claims(Level.L1, "linux") - claims(Level.L1, "darwin") == {"outlive its end"}
    rows = probes(Posix("darwin"))
    assert "outlive its end" in {row.name for row in rows if not row.passed}


def test_one_more_variable_is_noticed(any_sandbox: Sandbox) -> None:
    rows = probes(Changed(any_sandbox, environment={"SOME_KEY": "1"}))
    assert [row.name for row in rows if row.is_failure] == ["inherit the caller's environment"]


def test_sandbox_in_which_nothing_runs_fails(any_sandbox: Sandbox) -> None:
    (row,) = probes(Changed(any_sandbox, argv=("no-such-program",)))
    assert row.is_failure
    assert "no-such-program" in row.detail


# Choosing.


def test_every_level_is_checked() -> None:
    rows = check()
    assert {row.level for row in rows} == {*Level} - {Level.L0}
    assert all(row.passed == (row.detail == "") for row in rows)


def test_best_is_the_highest_that_passes_below_l5(any_sandbox: Sandbox) -> None:
    assert any_sandbox.level is reached(check()) is not Level.L5


def test_l5_is_taken_only_if_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    l4, l5 = Changed(Posix()), Changed(Posix())
    l4.level, l5.level = Level.L4, Level.L5
    monkeypatch.setattr(selection, "probes", lambda sandbox: [])
    _offer(monkeypatch, {Level.L5: {"five": lambda: l5}, Level.L4: {"four": lambda: l4}})
    assert best() is l4
    assert best(Level.L5) is l5


def test_next_best_is_taken(monkeypatch: pytest.MonkeyPatch, any_sandbox: Sandbox) -> None:
    _offer(monkeypatch, {Level.L4: {"a": _never}, Level.L3: {"b": lambda: any_sandbox}})
    assert best() is any_sandbox


def test_next_back_end_of_a_level_is_taken(
    monkeypatch: pytest.MonkeyPatch, any_sandbox: Sandbox
) -> None:
    offers = {"a": _never, "b": Pretended, "c": lambda: any_sandbox, "d": _never}
    _offer(monkeypatch, {Level.L4: offers})
    assert at(Level.L4) is any_sandbox


def test_failure_names_everything_that_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    _offer(monkeypatch, {Level.L4: {"a": _never}, Level.L3: {"b": Pretended}})
    expected = r"nothing works here.*b: read a file of the host.*lost: namespaces"
    with pytest.raises(SandboxError, match=expected):
        best()


def test_what_is_lost_is_told_for_each_level_above(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_group() -> Sandbox:
        raise SandboxError("no control group to be had: Permission denied below /sys")

    monkeypatch.setattr(hindrances, "of_groups", lambda: ("not root",))
    monkeypatch.setattr(selection, "probes", _all_passed)
    _offer(monkeypatch, {Level.L4: {"a": no_group, "b": no_group}, Level.L3: {"c": Posix}})
    rows = check()
    assert reached(rows) is Level.L3
    (loss,) = losses(rows)
    assert loss == (
        "L3 instead of L4: no control group to be had: Permission denied below /sys (not root); "
        "lost: caps by the kernel on memory, processes and CPU time of the whole tree"
    )


def test_nothing_is_lost_at_a_level_with_a_second_back_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selection, "probes", _all_passed)
    _offer(monkeypatch, {Level.L4: {"a": _never, "b": Posix}})
    assert list(losses(check())) == []


def _all_passed(sandbox: Sandbox) -> list[Probe]:
    level = next(
        iter(level for level, made in selection._BACKENDS.items() if Posix in made.values())
    )
    return [Probe(name=CONTROL, level=level, backend="Posix", passed=True)]


@pytest.mark.parametrize("level", [Level.L0, Level.L1])
def test_less_than_isolation_is_refused_on_linux(level: Level) -> None:
    with pytest.raises(SandboxError, match="does not isolate; the lowest level here is L2"):
        best(level, "linux")


def test_l1_is_given_elsewhere_if_asked_for() -> None:
    assert best(Level.L1, "darwin").level is Level.L1
    with pytest.raises(SandboxError, match="no back-end reaches it"):
        best(Level.L2, "darwin")
    with pytest.raises(SandboxError, match="does not isolate"):
        best(Level.L0, "darwin")


def test_nothing_of_linux_is_tried_elsewhere() -> None:
    assert {row.level for row in check("darwin")} == {Level.L1}


def test_l1_is_there_to_try_attacks() -> None:
    assert isinstance(at(Level.L1), Posix)


def test_there_is_no_l0() -> None:
    with pytest.raises(SandboxError, match="no sandbox of level L0"):
        at(Level.L0)


# Remembering.


def test_passed_test_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(Posix())
    _offer(monkeypatch, {Level.L1: {"a": lambda: counted}})
    assert at(Level.L1) is at(Level.L1) is counted
    assert counted.n_starts == 1
    check()
    assert counted.n_starts == 2, "check measures anew"


def test_failed_test_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    pretended = Counted(Pretended())
    _offer(monkeypatch, {Level.L4: {"a": lambda: pretended}})
    for n in (1, 2):
        with pytest.raises(SandboxError, match="the attack worked"):
            at(Level.L4)
        assert pretended.n_starts == n


def test_check_forgets_a_pass_that_no_longer_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = Changed(Posix())
    _offer(monkeypatch, {Level.L1: {"a": lambda: sandbox}})
    at(Level.L1)
    sandbox._changes["environment"] = {"SOME_KEY": "1"}
    at(Level.L1)
    check()
    with pytest.raises(SandboxError, match="inherit the caller's environment"):
        at(Level.L1)


def test_runtime_on_the_hosts_kernel_is_no_l5(monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("runc") is None or os.geteuid() != 0:
        pytest.skip("no runc")
    monkeypatch.setenv("FILIAL_OCI_RUNTIME", "runc")
    with pytest.raises(SandboxError, match="runc runs programs on the host's kernel"):
        at(Level.L5)


def test_missing_runtime_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIAL_OCI_RUNTIME", "no-such-runtime --with options")
    with pytest.raises(SandboxError, match="no-such-runtime is not on PATH"):
        at(Level.L5)


def test_runtime_with_an_open_quotation_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILIAL_OCI_RUNTIME", 'runsc "--platform=kvm')
    with pytest.raises(SandboxError, match="FILIAL_OCI_RUNTIME cannot be read"):
        at(Level.L5)
