"""Meters against real processes and folders."""

import os
import subprocess  # noqa: TID251 - something to measure
import sys
from pathlib import Path

import pytest

from filial.sandboxes import meter
from filial.sandboxes.meter import Meter, descendants, folder_bytes

_TREE = """
import os, sys, time
kept = b"x" * (20 << 20)
if os.fork() == 0:
    while time.process_time() < 0.2: pass
    print("ready", flush=True)
sys.stdin.read()
"""


def test_tree_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = ["/bin/sh", "-c", '"$@"; exit', "sh", sys.executable, "-c", _TREE]
    with subprocess.Popen(shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tree:
        assert tree.stdout is not None
        tree.stdout.readline()
        listed = list(descendants(tree.pid))
        assert len(listed) == 2
        gauge = Meter(tree.pid)
        reading = gauge.read()
        assert reading.tasks == 2
        assert reading.cpu_s >= 0.2
        assert reading.memory_bytes > gauge.shared_once_bytes() > 20 << 20
        assert reading.memory_peak_bytes >= 20 << 20
        monkeypatch.setattr(meter, "_kernel_lists_children", lambda: False)
        assert list(descendants(tree.pid)) == listed
        tree.communicate(b"")
    after = gauge.read()
    assert (after.tasks, after.memory_bytes) == (0, 0)
    assert after.cpu_s >= 0.2, "what was seen is not forgotten"


def test_every_entry_counts_a_block(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "big").write_bytes(b"x" * 10_000)
    inner = tmp_path / "folder"
    inner.mkdir()
    (inner / "small").write_text("x")
    (inner / "link").symlink_to("/usr")
    # empty 4096, big 10,000 in three blocks, folder 4096, small 4096, link 4096
    assert folder_bytes(tmp_path, 1 << 20) == 5 * 4096 + 2 * 4096


def test_sparse_file_counts_in_full(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 20)
    assert folder_bytes(tmp_path, 1 << 30) == 1 << 20


def test_counting_stops_early(tmp_path: Path) -> None:
    for name in range(10):
        (tmp_path / str(name)).touch()
    assert folder_bytes(tmp_path, 8000) == 8192


def test_folder_that_went_away_is_empty(tmp_path: Path) -> None:
    assert folder_bytes(tmp_path / "gone", 100) == 0


def test_link_in_place_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/usr")
    assert folder_bytes(tmp_path / "link", 100) == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folder_that_refuses_counts_as_too_much(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0)
    assert folder_bytes(tmp_path, 1 << 20) > 1 << 20


def test_readings_of_the_gone_are_zero() -> None:
    with subprocess.Popen(["/bin/true"]) as done:
        done.wait()
    reading = Meter(done.pid).read()
    assert (reading.cpu_s, reading.memory_bytes, reading.tasks) == (0.0, 0, 0)
