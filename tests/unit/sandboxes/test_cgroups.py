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


def test_memory_kept_in_sockets_counts(group: Cgroup) -> None:
    program = """
import socket, sys
sys.stdin.read(1)
kept, left = [], 24 << 20
while left > 0:
    kept.append(socket.socketpair())
    kept[-1][0].setblocking(False)
    try:
        while True:
            left -= kept[-1][0].send(bytes(1 << 16))
    except BlockingIOError:
        pass
print("kept", flush=True)
sys.stdin.read(1)
"""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        group.add(process.pid)
        process.stdin.write(b"x")
        process.stdin.flush()
        assert process.stdout.readline() == b"kept\n"
        counted = group.memory_bytes
        process.communicate(b"x")
    assert counted >= 24 << 20


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


@pytest.mark.parametrize("name", ["filial-nightly.service", "filial-", "filial-a-b-c"])
def test_foreign_group_of_a_name_like_ours_is_let_be(group: Cgroup, name: str) -> None:
    foreign = next(iter(group._folders.values())).with_name(name)
    foreign.mkdir()
    try:
        Cgroup.create(memory_bytes=64 << 20, processes=4).remove()
        assert foreign.is_dir()
    finally:
        foreign.rmdir()


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


def _held(group: Cgroup, program: str) -> int:
    """Memory of the group while a program holds what it made."""
    waiting = "import os, sys, mmap\nsys.stdin.read(1)\n"
    ready = "\nprint(flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", waiting + program + ready]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        group.add(process.pid)
        process.stdin.write(b"x")
        process.stdin.flush()
        assert process.stdout.readline() == b"\n"
        held = group.memory_bytes
        process.communicate(b"")
        return held


@pytest.mark.parametrize(
    "program",
    [
        "kept = b'x' * (30 << 20)",
        "file = os.memfd_create('x'); os.write(file, b'x' * (30 << 20))",
        "m = mmap.mmap(-1, 30 << 20); m.write(b'x' * (30 << 20)); os.memfd_create('')",
    ],
    ids=["private", "memory file that nobody maps", "shared"],
)
def test_memory_is_counted_whoever_maps_it(group: Cgroup, program: str) -> None:
    assert 28 << 20 < _held(group, program) < 60 << 20


def test_page_cache_is_not_counted(group: Cgroup, tmp_path: Path) -> None:
    idle = _held(group, "")
    program = f"open({str(tmp_path / 'file')!r}, 'wb').write(b'x' * (30 << 20))"
    assert _held(group, program) < idle + (10 << 20)


def test_memory_of_both_versions_is_read(tmp_path: Path) -> None:
    folders = dict.fromkeys(("memory", "pids", "cpuacct"), tmp_path)
    (tmp_path / "memory.stat").write_text(
        "cache 7\nrss 1\nshmem 2\ntotal_cache 70\ntotal_rss 10\ntotal_shmem 20\n"
    )
    assert Cgroup(folders).memory_bytes == 30
    (tmp_path / "cgroup.controllers").write_text("memory pids cpu\n")
    (tmp_path / "memory.stat").write_text("anon 100\nfile 700\nshmem 200\n")
    assert Cgroup(folders).memory_bytes == 300
