"""The command line's frame: help, wrong command lines, one-line errors."""

import re
import sys
from pathlib import Path

import pytest

from filial.cli import main

COMMANDS = [
    "new",
    "kits",
    "audit",
    "plan",
    "run",
    "status",
    "log",
    "show",
    "brief",
    "diff",
    "report",
    "compare",
    "verify",
    "stop",
    "incidents",
    "redteam",
    "bench",
    "models",
    "sandbox",
]


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def call(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["filial", *words])
    with pytest.raises(SystemExit) as ending:
        main()
    assert isinstance(ending.value.code, int)
    return ending.value.code


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"filial: [^\n]+\n", err), err
    return err


def test_help_lists_every_command_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "--help") == 0
    out = capsys.readouterr().out
    assert re.findall(r"^  (\w+) {2,}[A-Z][^`\n]+$", out, re.MULTILINE) == COMMANDS
    assert "First steps" in out


@pytest.mark.parametrize(
    "words",
    [*([c] for c in COMMANDS), ["sandbox", "exec"], ["bench", "gate"], ["models", "fetch"]],
    ids=" ".join,
)
def test_every_command_has_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert call(monkeypatch, *words, "--help") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(f"Usage: filial {' '.join(words)}")
    assert "`" not in out
    for line in out.partition("Options:")[2].splitlines():
        option = re.match(r"  (-.*?)(  |$)", line)
        assert not option or option[2], f"no help text: {line}"


def test_no_command_shows_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch) == 2
    assert "First steps" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["frobnicate"], "frobnicate"),
        (["run", "--wrokers", "2"], "--workers"),
        (["run", "--workers", "0"], "--workers"),
        (["plan", "--trials", "2"], "--trials"),
        (["show"], "WHICH"),
        (["compare", "F0", "F1", "--seeds", "1"], "--seeds"),
        (["sandbox", "exec", "--level", "L9", "true"], "L2"),
        (["sandbox", "exec", "--input", "nothing", "true"], "nothing"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    hint: str,
) -> None:
    assert call(monkeypatch, *words) == 2
    line = one_line(capsys)
    assert hint in line
    assert line.endswith(" --help\n")


@pytest.mark.parametrize(
    "words",
    [
        ["run", "x"],
        ["plan", "x"],
        ["status", "x"],
        ["log", "x"],
        ["show", "F0", "x"],
        ["diff", "F0", "F1", "x"],
        ["report", "x"],
        ["compare", "F0", "F1", "x"],
        ["verify", "x"],
        ["stop", "x"],
        ["status"],
    ],
    ids=" ".join,
)
def test_where_there_is_no_study(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert call(monkeypatch, *words) == 1
    assert "filial new KIT DIR" in one_line(capsys)


def test_the_machines_words_instead_of_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(monkeypatch, "new", "sums", "s") == 0
    capsys.readouterr()
    assert call(monkeypatch, "report", "s", "-o", "no/r.html") == 1
    assert one_line(capsys) == "filial: no/r.html: No such file or directory\n"


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(monkeypatch, "--version") == 0
    assert re.fullmatch(r"filial \d+\.\d+\.\d+\n", capsys.readouterr().out)
