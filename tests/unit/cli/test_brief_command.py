"""``filial brief``."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from filial.cli import main
from filial.core import Arm, Candidate, Failure, FailureKind, Generation, Promoted, Proposed
from filial.kits import copy
from filial.study import Study

Call = Callable[..., int | str | None]
EVIL = "look\x1b[2J here"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    def call(*words: str) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["filial", "brief", *words])
        with pytest.raises(SystemExit) as ending:
            main()
        return ending.value.code

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study that has not begun."""
    copy("sums", tmp_path / "s")
    return tmp_path / "s"


@pytest.fixture
def begun(folder: Path) -> Path:
    """A study with its initial code and one proposal, which was refused."""
    study = Study(folder)
    first = study.initial()
    refused = Proposed(
        index=0,
        proposer="operators",
        arm=Arm.TREATMENT,
        parent=first.id,
        hypothesis=EVIL,
        failure=Failure(kind=FailureKind.SYNTAX, detail="answer.py:3"),
    )
    with study.storage() as storage:
        storage.append(introduced(first))
        generation = Generation(number=0, candidate=first.id, commit="")
        storage.append(Promoted(generation=generation, hypothesis=first.hypothesis))
        storage.append(refused)
    return folder


def introduced(first: Candidate) -> Proposed:
    return Proposed(
        index=-1,
        proposer=first.proposer,
        arm=first.arm,
        parent="",
        hypothesis=first.hypothesis,
        candidate=first,
    )


def files(folder: Path) -> dict[Path, bytes]:
    """All but what readers of SQLite share among them while they read."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {p: p.read_bytes() for p in found if not p.name.startswith("ledger.sqlite-")}


def test_a_study_that_has_not_begun_has_a_brief_and_stays_as_it_is(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(folder)
    assert call(str(folder)) == 0
    assert files(folder) == before
    text = capsys.readouterr().out
    assert (folder / "code" / "answer.py").read_text() in text
    assert "Nothing was tried yet." in text


def test_the_brief_of_a_study_under_way(
    begun: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(begun)
    assert call(str(begun)) == 0
    assert files(begun) == before
    text = capsys.readouterr().out
    assert "## The code, F0\n" in text
    assert '- #0* | "look\N{REPLACEMENT CHARACTER}[2J here" | ? -> - | refused: syntax' in text


def test_a_control_gets_no_evidence(
    begun: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(str(begun), "--for", "control") == 0
    assert "Nothing was tried yet." in capsys.readouterr().out


def test_one_line_of_json(begun: Path, call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(str(begun), "--json", "--for", "operators") == 0
    (line,) = capsys.readouterr().out.splitlines()
    brief = json.loads(line)
    assert brief["index"] == 1
    assert brief["surfaces"] == {"program": ["answer.py"]}
    assert brief["metric"]["lowest"] is None or brief["metric"]["lowest"] == 0
    assert brief["evidence"]["tried"][0]["outcome"] == "refused"
    assert brief["evidence"]["n_tried"] == {"refused": 1}
    assert brief["text"].startswith("# Goal\n")


def test_tokens_limit_the_text(
    begun: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(str(begun), "--tokens", "1") == 0
    assert "Left out for want of room:" in capsys.readouterr().out


def test_a_proposer_that_the_study_does_not_have(
    begun: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(str(begun), "--for", "operator") == 1
    error = capsys.readouterr().err
    assert error == ("filial: study.toml has no proposer 'operator'; did you mean 'operators'?\n")
