"""Level L1 and its meter for systems without ``/proc``."""

import subprocess  # noqa: TID251 - something to measure
import sys
import tempfile
from pathlib import Path

import pytest

from filial.sandboxes import Command, EndedBy, Limits, Posix, execute, posix, subtree
from filial.sandboxes.posix import PsMeter, cpu_seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0:00.02", 0.02),  # macOS
        ("12:34.50", 754.5),
        ("00:00:03", 3.0),  # Linux
        ("01:01:01", 3661.0),
        ("2-00:00:01", 172801.0),
    ],
)
def test_time_of_ps(text: str, expected: float) -> None:
    assert cpu_seconds(text) == expected


def test_tree_is_read_through_ps() -> None:
    program = "import os, sys; kept = b'x' * (20 << 20); os.fork(); print(1, flush=True); input()"
    shell = ["/bin/sh", "-c", '"$@"; exit', "sh", sys.executable, "-c", program]
    with subprocess.Popen(
        shell, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as tree:
        assert tree.stdout is not None
        tree.stdout.readline()
        tree.stdout.readline()
        gauge = PsMeter(tree.pid)
        reading = gauge.read()
        assert reading.tasks == 2
        assert 20 << 20 < reading.memory_bytes == reading.memory_peak_bytes
        assert gauge.read() is reading, "too young to look again"
        tree.kill()


def test_time_of_the_dead_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    listings = iter(["10 1 100 0:02.00\n11 10 50 0:03.00\n", "10 1 100 0:04.00\n"])
    monkeypatch.setattr(posix, "_LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=next(listings)),
    )
    gauge = PsMeter(1)
    assert gauge.read().cpu_s == 5.0
    last = gauge.read()
    assert (last.cpu_s, last.tasks, last.memory_bytes) == (7.0, 1, 100 << 10)
    assert last.memory_peak_bytes == 150 << 10


def test_elsewhere_only_portable_limits_are_set(tmp_path: Path) -> None:
    program = (
        "import resource as r; print(r.getrlimit(r.RLIMIT_AS)[0], r.getrlimit(r.RLIMIT_CORE))"
    )
    command = Command(argv=("python", "-c", program), code=tmp_path)
    unlimited, here = (execute(Posix(name), command).stdout for name in ("darwin", "linux"))
    assert unlimited == b"-1 (0, 0)\n"
    assert here.split()[0] != b"-1"
    assert here.endswith(b" (0, 0)\n")


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_scratch_and_descriptors_are_given_back(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    before = len(list(Path("/proc/self/fd").iterdir()))
    outcome = execute(
        Posix(system),
        Command(
            argv=("sh", "-c", "echo x > $HOME/file; sleep 60"),
            code=tmp_path,
            limits=Limits(wall_s=0.3),
        ),
    )
    assert outcome.ended_by is EndedBy.WALL
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert list(scratch.iterdir()) == []


def test_launcher_that_dies_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import sys; sys.exit('it is broken')")
    monkeypatch.setattr(subtree, "_LAUNCHER", script)
    with pytest.raises(Exception, match="L1 could not start: it is broken"):
        execute(Posix(), Command(argv=("true",), code=tmp_path))
