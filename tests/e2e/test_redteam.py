"""The catalogue against this very installation: nothing escapes, and honest work passes."""

import json
import os
import signal
import subprocess  # noqa: TID251 - a command that is interrupted
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from filial.cli.app import app
from filial.errors import SandboxError
from filial.redteam import Ending, Specimen, specimens, try_all
from filial.sandboxes import Level, at, best

pytestmark = pytest.mark.timeout(3600)

EVERY = 12  # of the catalogue, in the quick test


def lost(chosen: list[Specimen], level: Level) -> list[str]:
    """What went wrong, in words."""
    workers = len(os.sched_getaffinity(0))
    endings = try_all(chosen, lambda: at(level), workers=workers)
    return [words(ending) for ending in endings if ending.is_lost or ending.is_unexpected]


def words(ending: Ending) -> str:
    what = "; ".join((*ending.escapes, *ending.damage))
    return f"{ending.specimen.name}: {ending.outcome}: {ending.detail} {what}"


def test_a_sample_at_the_best_level() -> None:
    level = best(Level.L2).level
    sample = [specimen for specimen in specimens() if specimen.fits(level)][::EVERY]
    assert len(sample) > 20
    assert {specimen.is_twin for specimen in sample} == {True, False}
    assert lost(sample, level) == []


@pytest.mark.slow
@pytest.mark.parametrize("level", [Level.L4, Level.L3, Level.L2])
def test_the_whole_catalogue(level: Level) -> None:
    try:
        at(level)
    except SandboxError as error:
        pytest.skip(str(error))
    assert lost([s for s in specimens() if s.fits(level)], level) == []


def test_the_command_counts_and_exits_with_0() -> None:
    done = CliRunner().invoke(app, ["redteam", "--only", "forging/01", "--json"])
    assert done.exit_code == 0
    record = json.loads(done.stdout)
    assert record["cases"] >= 2
    assert (record["escapes"], record["over_blocks"], record["side_effects"]) == (0, 0, 0)
    assert list(record["by_class"]) == ["forging"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--level", "L9"], "there is no level 'L9'"),
        (["--only", "nothing like it"], "no specimen"),
        (["--study", "nowhere"], "is no study"),
    ],
)
def test_what_makes_no_sense_is_one_line(options: list[str], problem: str) -> None:
    done = CliRunner().invoke(app, ["redteam", *options])
    assert done.exit_code == 1
    assert problem in str(done.exception)


def _a_study_stands_in(folder: Path) -> bool:
    return any((case / "study").exists() for case in _cases_in(folder))


def _cases_in(folder: Path) -> Iterator[Path]:
    for attempt in folder.iterdir():
        with suppress(FileNotFoundError, NotADirectoryError):  # others come and go here, too
            yield from list(attempt.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    # Where the tests run in the background, their children would ignore SIGINT.
    words = ["env", "--default-signal=INT,TERM", sys.executable, "-m", "filial"]
    words += ["redteam", "--only", "containment/"]
    told = tmp_path / "told"
    # A short name: sockets live below it.
    with tempfile.TemporaryDirectory() as name, told.open("wb") as output:
        folder = Path(name)
        environment = {**os.environ, "TMPDIR": name}  # noqa: TID251 - for a process of its own
        with subprocess.Popen(words, env=environment, stdout=output, stderr=output) as attacking:
            while not _a_study_stands_in(folder):
                assert attacking.poll() is None, told.read_text(encoding="utf-8")
                time.sleep(0.01)
            attacking.send_signal(number)
            assert attacking.wait() == 128 + number
        assert list(folder.iterdir()) == []
    assert b"Traceback" not in told.read_bytes()
