"""``filial verify`` and ``filial diff`` on a study with two generations."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from filial.cli import main
from filial.core import (
    Approval,
    ApprovalGiven,
    Arm,
    Candidate,
    Decision,
    Generation,
    Judged,
    Promoted,
    Proposed,
    StudyOpened,
    Verdict,
    VerdictReached,
)
from filial.kits import copy
from filial.storages import SqliteStorage
from filial.study import Study

EVIL = "x = '\x1b[2J\u202e\t\x07'\n"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int | str | None]:
    def call(*words: str) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["filial", *words])
        with pytest.raises(SystemExit) as ending:
            main()
        return ending.value.code

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A study with two generations; the second holds what would steer a terminal."""
    folder = tmp_path / "s"
    copy("sums", folder)
    study = Study(folder)
    first = study.initial()
    (folder / "code" / "answer.py").write_text(EVIL)
    second = study.initial()
    with study.storage() as storage:
        storage.append(
            StudyOpened(
                name="s", goal="g", version="1", config="", exam="", data="", secret="", policy=""
            )
        )
        for number, candidate in enumerate((first, second)):
            made = Candidate(
                id=candidate.id,
                index=number - 1,
                parent=first.id if number else "",
                proposer="user",
                arm=Arm.TREATMENT,
                hypothesis="h",
            )
            storage.append(
                Proposed(
                    index=number - 1,
                    proposer="user",
                    arm=Arm.TREATMENT,
                    parent=made.parent,
                    hypothesis="h",
                    candidate=made,
                )
            )
            if number:
                approve(storage, made)
            commit = study.workspace.commit(made.id, number=number, message="m", at=number)
            generation = Generation(number=number, candidate=made.id, commit=commit)
            storage.append(Promoted(generation=generation, hypothesis="h"))
    return folder


def approve(storage: SqliteStorage, made: Candidate) -> None:
    verdict = Verdict(
        candidate=made.id,
        incumbent=made.parent,
        decision=Decision.PROMOTE,
        judged=Judged.ARTIFACT,
        reason="r",
        policy="",
    )
    storage.append(VerdictReached(verdict=verdict, arm=Arm.TREATMENT))
    approval = Approval(granted=True, by="ada", reason="r")
    storage.append(ApprovalGiven(candidate=made.id, approval=approval))


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_terminal_is_not_steered(
    folder: Path,
    call: Callable[..., int | str | None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    is_terminal: bool,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    assert call("diff", "F0", "F1", str(folder)) == 0
    out = capsys.readouterr().out
    assert ("\n+x = '�[2J�\t�'\n" if is_terminal else f"\n+{EVIL}") in out
    assert out.count("\n") > 5


def test_verify_checks_the_lineage_too(
    folder: Path, call: Callable[..., int | str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("verify", str(folder)) == 0
    assert capsys.readouterr().out == (
        "7 events, all blobs and 2 generations match\n"
        "decisions stand as they were judged and were not repeated: the secret (.filial/secret) "
        "changed\n"
    )
    (folder / "lineage.git" / "refs" / "tags" / "F1").unlink()
    assert call("verify", str(folder)) == 1
    err = capsys.readouterr().err
    assert "F1 in" in err
    assert err.endswith(": its tag is missing\n")
    assert err.count("\n") == 1
