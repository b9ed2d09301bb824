"""Whole runs of the kit sums, without isolation: what starts one, and what ends one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from filial.core import Event, History, RunStarted, RunStopped
from filial.errors import BusyError, CodeError, ConfigError, LedgerError
from filial.running import Surroundings, run
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox
from filial.testing.studies import copy_without_cheats

pytestmark = pytest.mark.timeout(120)

AROUND = Surroundings(workers=0, sandbox=InProcessSandbox())


def make(folder: Path, candidates: int = 12, more: str = "") -> Study:
    if not folder.exists():
        copy_without_cheats("sums", folder)
        (folder / "kit.toml").write_bytes((folder / "study.toml").read_bytes())
    text = (folder / "kit.toml").read_text(encoding="utf-8")
    assert "candidates = 60" in text
    text = text.replace("candidates = 60", f"candidates = {candidates}") + more
    (folder / "study.toml").write_text(text)
    return Study(folder)


def with_better(folder: Path) -> Study:
    """A study whose only proposal is the perfect program."""
    study = make(folder)
    text = study.paths.settings.read_text(encoding="utf-8")
    begin, end = text.index("[proposers]"), text.index("[budget]")
    text = f'{text[:begin]}[proposers]\nreplay = {{ file = "p.jsonl" }}\n{text[end:]}'
    study.paths.settings.write_text(text)
    (folder / "kit.toml").write_text(text.replace("candidates = 12", "candidates = 60"))
    better = "def answer(question):\n    return sum(question['numbers'])\n"
    line = {"hypothesis": "add them all up", "files": {"answer.py": better}}
    (folder / "p.jsonl").write_text(json.dumps(line) + "\n")
    return Study(folder)


def sessions(study: Study) -> list[RunStarted | RunStopped]:
    with study.storage(read_only=True) as storage:
        bodies = [event.body for event in storage.events()]
    return [body for body in bodies if isinstance(body, RunStarted | RunStopped)]


def test_a_run_begins_goes_on_and_ends(tmp_path: Path) -> None:
    heard: list[Event] = []

    def listener(event: Event, history: History) -> None:
        heard.append(event)

    study = make(tmp_path / "s", 4)
    around = Surroundings(workers=0, sandbox=InProcessSandbox(), listener=listener)
    assert run(study, around) == "the budget is used up: candidates"
    reason = "the budget is used up: candidates"
    assert sessions(study) == [RunStarted(workers=0, level="L0"), RunStopped(reason=reason)]
    with study.storage(read_only=True) as storage:
        assert list(storage.events()) == heard
        n_events = storage.verify()
    assert run(study, around) == reason
    assert len(heard) == n_events
    again = make(tmp_path / "s", 8)
    assert run(again, around) == reason
    assert again.history().n_proposals == 8
    assert len(sessions(again)) == 4


def test_a_promotion_is_a_commit(tmp_path: Path) -> None:
    study = with_better(tmp_path / "s")
    assert run(study, AROUND) == "the proposers have nothing more to say"
    history = study.history()
    assert [g.number for g in history.generations] == [0, 1]
    diffs = study.generation_diffs(history)
    assert list(diffs) == [1]
    assert "+    return sum(question['numbers'])" in diffs[1]


@pytest.mark.parametrize(
    ("autonomy", "answer", "by", "granted"),
    [
        ('"suggest"', "y", "autonomy", False),
        ('"ask"', "y", "ada", True),
        ('"ask"', "n", "ada", False),
        ('"ask"', EOFError(), "ada", False),
        ('"envelope"', "n", "envelope", True),
        ('"free-within-budget"', "n", "envelope", True),
    ],
)
def test_who_approves(
    tmp_path: Path, autonomy: str, answer: str | Exception, by: str, granted: bool
) -> None:
    def question(_text: str) -> str:
        if isinstance(answer, Exception):
            raise answer
        return answer

    study = with_better(tmp_path / "s")
    study = make(tmp_path / "s", more=f"[oversight]\nautonomy = {autonomy}\n")
    around = Surroundings(workers=0, sandbox=InProcessSandbox(), question=question, person="ada")
    run(study, around)
    history = study.history()
    (approval,) = [s.approval for s in history.standings.values() if s.approval is not None]
    assert (approval.by, approval.granted) == (by, granted)
    assert len(history.generations) == 1 + granted


def test_islands(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 12, '[archive]\nkind = "islands"\nislands = 2\n')
    assert run(study, AROUND) == "the budget is used up: candidates"
    assert study.history().n_proposals == 12


def test_one_run_at_a_time(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 2)
    study.paths.state.mkdir()
    with study.storage(), pytest.raises(BusyError):
        run(Study(tmp_path / "s"), AROUND)


def test_a_request_to_stop_is_heard_between_steps(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 12)

    def listener(_event: Event, history: History) -> None:
        if history.n_proposals == 3:
            study.paths.stop.touch()

    around = Surroundings(workers=0, sandbox=InProcessSandbox(), listener=listener)
    assert run(study, around) == "stopped by request"
    assert study.history().n_proposals == 3
    assert study.history().stopped == "stopped by request"
    assert not study.paths.stop.exists()
    run(study, AROUND)
    assert study.history().n_proposals == 12


def test_ground_that_shifted(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 2)
    run(study, AROUND)
    exam = tmp_path / "s" / "exam.py"
    before = exam.read_text()
    exam.write_text(before + "# easier\n")
    with pytest.raises(LedgerError, match=r"exam.* changed since this study was opened"):
        run(Study(tmp_path / "s"), AROUND)
    exam.write_text(before)
    with pytest.raises(LedgerError, match=r"study.toml.* changed since this study was opened"):
        run(make(tmp_path / "s", 2, "[gate]\nfdr = 0.4\n"), AROUND)
    assert run(make(tmp_path / "s", 2), AROUND) == "the budget is used up: candidates"


def test_initial_code_that_changed(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 2)
    run(study, AROUND)
    answer = study.paths.code / "answer.py"
    answer.write_text(answer.read_text() + "# touched\n")
    with pytest.raises(LedgerError, match=r"code/answer.py changed since this study was opened"):
        run(Study(tmp_path / "s"), AROUND)


def test_initial_code_that_fails_leaves_no_ledger(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 2)
    (study.paths.code / "answer.py").write_text("def answer(question):\n    return 1 / 0\n")
    with pytest.raises(CodeError, match="ZeroDivisionError"):
        run(study, AROUND)
    assert sessions(study) == []


def test_a_run_that_our_own_trouble_ends_says_so(tmp_path: Path) -> None:
    study = make(tmp_path / "s", 12)
    exam = tmp_path / "s" / "exam.py"
    flaw = "        COUNT.append(1)\n"
    flaw += "        if len(COUNT) > 12: raise RuntimeError('out of paper')\n"
    loop = "        for _ in range(24):\n"
    source = exam.read_text().replace(loop, flaw + loop)
    exam.write_text(source.replace("import filial\n", "import filial\n\nCOUNT = []\n", 1))
    study = Study(tmp_path / "s")
    with pytest.raises(Exception, match="out of paper"):
        run(study, replace(AROUND, audit=False))  # which would meet the flaw first
    last = sessions(study)[-1]
    assert isinstance(last, RunStopped)
    assert "out of paper" in last.reason


def test_replay_without_its_file(tmp_path: Path) -> None:
    study = with_better(tmp_path / "s")
    (tmp_path / "s" / "p.jsonl").unlink()
    with pytest.raises(ConfigError, match=r"there is no file .*p\.jsonl"):
        run(study, AROUND)
