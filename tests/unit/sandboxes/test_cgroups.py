"""Control groups, where this machine lets us make one."""

import subprocess  # noqa: TID251 - something to cap
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.sandboxes import cgroups
from filial.sandboxes.cgroups import Cgroup


@pytest.fixture
def group() -> Iterator[Cgroup]:
    try:
        made = Cgroup.create(memory_bytes=64 << 20, processes=4)
    except SandboxError as error:
        pytest.skip(str(error))
    yield made
    made.remove()


def _run_in(group: Cgroup, program: str) -> int:
    waiting = "import sys; sys.stdin.read(1)\n"
    command = [sys.executable, "-c", waiting + program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        group.add(process.pid)
        process.communicate(b"x")
        return process.returncode


def test_memory_is_capped(group: Cgroup) -> None:
    assert not group.ran_out_of_memory
    assert _run_in(group, "kept = b'x' * (200 << 20)") == -9
    assert group.ran_out_of_memory


def test_processes_are_capped(group: Cgroup) -> None:
    assert not group.ran_out_of_processes
    forks = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        time.sleep(0.1)
        os._exit(0)
"""
    assert _run_in(group, forks) == 1
    assert group.ran_out_of_processes


def test_cpu_time_is_counted(group: Cgroup) -> None:
    before = group.cpu_s
    _run_in(group, "import time\nwhile time.process_time() < 0.2: pass")
    assert group.cpu_s - before >= 0.1


def test_nothing_is_left(group: Cgroup) -> None:
    folders = set(group._folders.values())
    assert all(folder.is_dir() for folder in folders)
    group.remove()
    assert not any(folder.exists() for folder in folders)
    group.remove()


def test_groups_of_killed_callers_are_swept(group: Cgroup) -> None:
    folder = next(iter(group._folders.values()))
    left = folder.with_name("filial-1-0-0badcafe")
    left.mkdir()
    Cgroup.create(memory_bytes=64 << 20, processes=4).remove()
    assert not left.exists()
    assert folder.exists(), "its owner lives"


def test_unwritable_hierarchy_is_a_sandbox_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = dict.fromkeys(("memory", "pids", "cpuacct"), tmp_path / "missing")
    monkeypatch.setattr(cgroups, "_homes", lambda: [nowhere])
    with pytest.raises(SandboxError, match="no control group"):
        Cgroup.create(memory_bytes=1, processes=1)


def test_unified_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("memory pids cpu\n")
    (tmp_path / "cpu.stat").write_text("usage_usec 1500000\nuser_usec 1\n")
    (tmp_path / "memory.events").write_text("low 0\noom 1\noom_kill 2\n")
    (tmp_path / "pids.events").write_text("max 0\n")
    unified = Cgroup(dict.fromkeys(("memory", "pids", "cpuacct"), tmp_path))
    assert unified.cpu_s == 1.5
    assert unified.ran_out_of_memory
    assert not unified.ran_out_of_processes
