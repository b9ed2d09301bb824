"""``filial plan`` as a user sees it."""

import json
from pathlib import Path

import pytest
from conftest import Cli, Here, bodies, edit

from filial.kits import copy


@pytest.fixture
def study(tmp_path: Path) -> Path:
    copy("sums", tmp_path / "s")
    return tmp_path / "s"


def test_an_answer_for_people(cli: Cli, study: Path) -> None:
    out = cli.ok("plan", "s", "--trials", 3)
    text = " ".join(out.split())
    assert text.startswith("With this budget you can detect gains in accuracy of")
    # 60 proposals are over in seconds; the ten minutes are never used up.
    assert "budget.candidates (60 proposals left) ends the study first" in text
    for words in ("3 seeds", "true gain, share", "trials an hour", "Nothing of this is on record"):
        assert words in out
    assert bodies(study) == []
    assert "not started" in cli.ok("status", "s")


def test_one_json_line(cli: Cli, study: Path) -> None:
    done = cli("plan", "s", "--trials", 3, "--workers", 1, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert (found["metric"], found["n_trials"], found["workers"]) == ("accuracy", 3, 1)
    assert found["noise"]["sigma"] > 0
    assert found["reach"]["chances"][0]["gain"] == 0
    assert found["costs"]["trials_per_hour"] > 0
    assert found["purse"]["n_candidates"] == 60


@pytest.mark.slow
def test_a_study_that_ran_is_planned_from_its_ledger(cli: Cli, study: Path) -> None:
    edit(study / "study.toml", ("candidates = 60", "trials = 30"))
    cli.ok("run", "s", "--workers", 1)
    before = bodies(study)
    out = cli.ok("plan", "s")
    assert "From the 3 A/A trials of the study's own calibration." in out
    assert bodies(study) == before


def test_failing_code_is_one_line(cli: Cli, study: Path) -> None:
    (study / "code" / "answer.py").write_text("import nothing_of_that_name\n")
    line = cli.error("plan", "s", "--trials", 3)
    assert "the initial code cannot sit the exam" in line
    assert "nothing_of_that_name" in line
    assert bodies(study) == []


def test_there_is_no_study(here: Here) -> None:
    assert "filial new KIT DIR" in here.error("plan", "x")


def test_too_few_pairs_to_promote_anything_are_one_line(cli: Cli, study: Path) -> None:
    edit(study / "study.toml", ("[budget]", "[gate]\nmax_pairs = 5\n[budget]"))
    for command in ("plan", "run"):
        line = cli.error(command, "s")
        assert "gate.max_pairs = 5 can promote nothing" in line
        assert "set it to at least 12" in line
    assert bodies(study) == []


def test_an_unknown_key_is_named(here: Here, study: Path) -> None:
    edit(study / "study.toml", ("[budget]", "[gate]\nmax_pears = 20\n[budget]"))
    assert "max_pairs" in here.error("plan", "s")
