"""``filial log`` for programs that read it: whole lines, nothing cut."""

import sys
from pathlib import Path

import pytest

from filial.cli import main
from filial.core import Arm, Candidate, Generation, Promoted, Proposed
from filial.kits import copy
from filial.study import Study

LONG = "one of many words in a row " * 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study with one proposal that has a lot to say."""
    folder = tmp_path / "s"
    copy("sums", folder)
    study = Study(folder)
    first = study.initial()
    (folder / "code" / "answer.py").write_text("def answer(question):\n    return 0.0\n")
    second = study.initial()
    with study.storage() as storage:
        for index, (made, parent) in enumerate(((first, ""), (second, first.id)), start=-1):
            candidate = Candidate(
                id=made.id,
                index=index,
                parent=parent,
                proposer="operators",
                arm=Arm.TREATMENT,
                hypothesis=LONG,
            )
            storage.append(
                Proposed(
                    index=index,
                    proposer="operators",
                    arm=Arm.TREATMENT,
                    parent=parent,
                    hypothesis=LONG,
                    candidate=candidate,
                )
            )
            if index < 0:
                commit = study.workspace.commit(made.id, number=0, message="m", at=0)
                promoted = Generation(number=0, candidate=made.id, commit=commit)
                storage.append(Promoted(generation=promoted, hypothesis="h"))
    return folder


@pytest.mark.parametrize("is_terminal", [True, False])
def test_only_a_terminal_cuts_lines(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_terminal: bool,
) -> None:
    monkeypatch.setattr(sys, "argv", ["filial", "log", str(folder)])
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(SystemExit) as ending:
        main()
    assert ending.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert any(LONG.strip() in line for line in lines) is not is_terminal
    assert any("\N{HORIZONTAL ELLIPSIS}" in line for line in lines) is is_terminal
    assert is_terminal or all(line == line.rstrip() for line in lines)
