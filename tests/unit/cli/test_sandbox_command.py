"""``filial sandbox``: the table and what is lost; ``exec`` at the level that isolates nothing."""

import json
import tempfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

import filial.sandboxes
from filial.cli.sandbox import app
from filial.sandboxes import Level, Probe
from filial.sandboxes.selftest import CONTROL


def _row(
    level: Level, backend: str, name: str, detail: str = "", *, claimed: bool = True
) -> Probe:
    return Probe(
        name=name,
        level=level,
        backend=backend,
        passed=not detail,
        claimed=claimed,
        detail=detail,
    )


def _check(monkeypatch: pytest.MonkeyPatch, *rows: Probe) -> tuple[int, str, str]:
    monkeypatch.setattr(filial.sandboxes, "check", lambda: list(rows))
    result = CliRunner().invoke(app, ["check"])
    return result.exit_code, result.stdout, result.stderr


def test_every_level_is_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = _check(
        monkeypatch,
        _row(Level.L4, "A", CONTROL, "no control group"),
        _row(Level.L4, "B", CONTROL, "no control group"),
        _row(Level.L3, "A", CONTROL, "no namespaces"),
        _row(Level.L3, "B", CONTROL),
        _row(Level.L3, "B", "steal"),
        _row(Level.L1, "C", CONTROL),
        _row(Level.L1, "C", "steal", "not stopped at this level", claimed=False),
    )
    lines = [line.split() for line in out.splitlines()]
    assert code == 0
    assert lines[:3] == [
        ["L4", "L3", "L1"],
        [*CONTROL.split(), "FAILED", "ok", "ok"],
        ["steal", "-", "ok", "works"],
    ]
    assert "best level: L3" in out
    assert "L3 by A fails: run a benign program (no namespaces)" in out
    assert "L3 instead of L4: no control group; lost: caps by the kernel" in out


def test_l1_alone_is_no_level(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (_row(Level.L2, "B", CONTROL, "too old"), _row(Level.L1, "C", CONTROL))
    code, _, err = _check(monkeypatch, *rows)
    assert code == 1
    assert "no level works" in err
    assert "L1 instead of L2: too old; lost: every protection" in err


def test_attack_that_works_is_a_failure_of_its_back_end(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (_row(Level.L2, "B", CONTROL), _row(Level.L2, "B", "steal", "the attack worked"))
    code, out, err = _check(monkeypatch, *rows)
    assert code == 1
    assert "FAILED" in out
    assert "L0 instead of L2: steal (the attack worked)" in err


def test_level_l1_runs_with_the_callers_rights(tmp_path: Path) -> None:
    note = tmp_path / "note"
    note.write_text("mine")
    words = ["exec", "--level", "L1", "--json", "--input", str(note), "cat", "/in/note"]
    result = CliRunner().invoke(app, words)
    record = json.loads(result.stdout)
    assert (record["level"], record["rc"], record["stdout"]) == ("L1", 0, "mine")


def test_deep_folders_are_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program = """
import os
os.chdir(os.environ["FILIAL_OUT"])
for _ in range(1200):
    os.mkdir("d"); os.chdir("d")
"""
    result = CliRunner().invoke(app, ["exec", "--level", "L1", "python", "-c", program])
    assert result.exit_code == 0, result.stderr
    assert list(tmp_path.iterdir()) == []
