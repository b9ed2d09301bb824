"""Ledgers written by hand with a chain that is right: every command says so in a line."""

import json
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from filial.cli import main
from filial.running import Surroundings, run
from filial.storages.chain import GENESIS, seal
from filial.storages.sqlite import LEDGER
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox
from filial.testing.studies import copy_without_cheats

pytestmark = pytest.mark.timeout(300)

PREDICTED = {"metric": "m", "effect": 0.0, "low": 0.0, "high": float("inf")}

Line = dict[str, Any]
Forgery = Callable[[list[Line]], None]
Call = Callable[..., int | str | None]

READERS = ("status", "log", "report")
JUDGES = ("verify", "run")
STRANGER = "5" * 40
COMPARISON = "verdict.comparison"
HUGE = 10**9
PROGRAMS = {
    "add them all up": "def answer(question):\n    return sum(question['numbers'])\n",
    "say nothing": "def answer(question):\n    return None\n",
    "say less": "def answer(question):\n    return 1 + 0\n",
}


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with a promotion, a rejection and a failure."""
    folder = tmp_path_factory.mktemp("genuine") / "s"
    copy_without_cheats("sums", folder)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    begin, end = text.index("[proposers]"), text.index("[budget]")
    path.write_text(f'{text[:begin]}[proposers]\nreplay = {{ file = "p.jsonl" }}\n{text[end:]}')
    lines = [
        {"hypothesis": hypothesis, "files": {"answer.py": program}}
        for hypothesis, program in PROGRAMS.items()
    ]
    (folder / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / ".filial").mkdir()
    (folder / ".filial" / "secret").write_bytes(b"s" * 32)  # so that the story is always the same
    run(Study(folder), Surroundings(workers=0, sandbox=InProcessSandbox()))
    return folder


@pytest.fixture
def folder(genuine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "200")
    return Path(shutil.copytree(genuine, tmp_path / "s"))


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    def call(*words: str) -> int | str | None:
        monkeypatch.setattr(sys, "argv", ["filial", *words])
        with pytest.raises(SystemExit) as ending:
            main()
        return ending.value.code

    return call


def forge(folder: Path, forgery: Forgery) -> None:
    """Rewrites the bodies of a study's ledger, and then the whole chain."""
    with closing(sqlite3.connect(folder / ".filial" / LEDGER)) as ledger, ledger:
        rows = ledger.execute("SELECT at, body FROM events ORDER BY seq").fetchall()
        lines = [json.loads(body) for _, body in rows]
        forgery(lines)
        guards = ledger.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in guards:
            ledger.execute(f"DROP TRIGGER {name}")
        ledger.execute("DELETE FROM events")
        previous = GENESIS
        for seq, line in enumerate(lines, 1):
            at = rows[min(seq, len(rows)) - 1][0]
            body = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            digest = seal(seq, at, body.encode(), previous)
            link = bytes.fromhex(previous)
            ledger.execute(
                "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)",
                (seq, at, line["kind"], body, link, bytes.fromhex(digest)),
            )
            previous = digest


def of_kind(lines: list[Line], kind: str) -> Iterator[Line]:
    return (line for line in lines if line["kind"] == kind)


def change(kind: str, where: str, value: object, nth: int = 0) -> Forgery:
    """Changes one value of the ``nth`` event of a kind; ``where`` is its path."""

    def forgery(lines: list[Line]) -> None:
        found = of_kind(lines, kind)
        if where.startswith(COMPARISON):
            found = (line for line in found if "comparison" in line["verdict"])
        target: Any = list(found)[nth]
        *path, last = where.split(".")
        for name in path:
            target = target[int(name)] if name.isdecimal() else target[name]
        target[int(last) if last.isdecimal() else last] = value

    return forgery


def insert(line: Line, before: str | None = None, nth: int = 0) -> Forgery:
    """Adds an event at the end, or before the ``nth`` one of a kind."""

    def forgery(lines: list[Line]) -> None:
        place = len(lines)
        if before is not None:
            place = lines.index(list(of_kind(lines, before))[nth])
        subject = {"candidate": known(lines)} if line.get("candidate") == "" else {}
        lines.insert(place, line | subject)

    return forgery


def known(lines: list[Line]) -> str:
    """The id of the latest candidate."""
    made = [line["candidate"]["id"] for line in of_kind(lines, "Proposed")]
    return str(made[-1])


def remove(kind: str, nth: int = 0) -> Forgery:
    return lambda lines: lines.remove(list(of_kind(lines, kind))[nth])


def cut(n_events: int, lines: list[Line]) -> None:
    del lines[n_events:]


def repeat(kind: str) -> Forgery:
    def forgery(lines: list[Line]) -> None:
        line = next(of_kind(lines, kind))
        lines.insert(lines.index(line) + 1, json.loads(json.dumps(line)))

    return forgery


def swap(kind: str, other: str) -> Forgery:
    """Puts the first event of ``kind`` behind the first of ``other``."""

    def forgery(lines: list[Line]) -> None:
        line = next(of_kind(lines, kind))
        lines.remove(line)
        lines.insert(lines.index(next(of_kind(lines, other))) + 1, line)

    return forgery


def bought(n_pairs: object, candidate: str = "") -> Line:
    return {
        "kind": "EvidenceBought",
        "n_pairs": n_pairs,
        "reason": "because",
        "candidate": candidate,
    }


def incident(number: int, candidate: str = "") -> Line:
    return {
        "kind": "Incident",
        "number": number,
        "label": "",
        "detail": "x",
        "candidate": candidate,
    }


def empty(lines: list[Line]) -> None:
    list(of_kind(lines, "Proposed"))[1].pop("candidate")


def again(lines: list[Line]) -> None:
    first, second = of_kind(lines, "Promoted")
    second["generation"] = first["generation"] | {"number": 1}


def twice(lines: list[Line]) -> None:
    measured = next(of_kind(lines, "TrialFinished"))["trial"]["measurements"]
    measured.append(measured[0])


def dear(lines: list[Line]) -> None:
    for line in list(of_kind(lines, "Proposed"))[1:]:
        line["spend"] = {"usd": 1.7e308}


FORMS: dict[str, tuple[Forgery, str]] = {
    "noise is not a number": (
        change("Calibrated", "noise.sigma", float("nan")),
        "impossible noise",
    ),
    "noise without end": (change("Calibrated", "noise.sigma", float("inf")), "impossible noise"),
    "noise below 0": (change("Calibrated", "noise.sigma", -1.0), "impossible noise"),
    "noise of huge numbers": (change("Calibrated", "noise.n_values", 10**60), "impossible noise"),
    "no dev seed": (change("Calibrated", "screen_k", -1), "impossible dev seed"),
    "unknown generation": (change("Calibrated", "generation", 7), "unknown generation"),
    "calibrated twice": (repeat("Calibrated"), "calibrates F0 again"),
    "calibrated too early": (swap("Promoted", "Calibrated"), "unknown generation"),
    "plan below 0": (change("CalibrationPlanned", "n_trials", -3), "impossible number of trials"),
    "plan without end": (
        change("CalibrationPlanned", "n_trials", 10**60),
        "impossible number of trials",
    ),
    "opened twice": (repeat("StudyOpened"), "opens a study that is open"),
    "workers below 0": (change("RunStarted", "workers", -1), "impossible number of workers"),
    "label of two parts": (change("TrialFinished", "trial.spec.label", "dev"), "impossible name"),
    "label of one part, to confirm": (
        change("TrialFinished", "trial.spec.split", "confirm"),
        "impossible name",
    ),
    "trial of a stranger": (
        change("TrialFinished", "trial.spec.candidate", STRANGER),
        "trial of an unknown candidate",
    ),
    "trial of no length": (
        change("TrialFinished", "trial.spec.fraction", float("nan")),
        "impossible length",
    ),
    "trial of something else": (
        change("TrialFinished", "trial.measurements.0.metric", "beauty", 1),
        "measures beauty",
    ),
    "trial that measures twice": (twice, "measures something twice"),
    "proposals that cost all": (dear, "spends without end"),
    "trial that pays": (
        change("TrialFinished", "trial.spend", {"cpu_s": -1e9}),
        "spends less than nothing",
    ),
    "trial that costs all": (
        change("TrialFinished", "trial.spend", {"tokens": 10**400}),
        "spends without end",
    ),
    "trial without a value": (
        change("TrialFinished", "trial.measurements.0.value", float("nan")),
        "readable TrialFinished",
    ),
    "proposal out of turn": (change("Proposed", "index", HUGE, 1), "where 0 is due"),
    "proposal from nowhere": (change("Proposed", "parent", STRANGER, 1), "unknown parent"),
    "proposal of two minds": (
        change("Proposed", "arm", "placebo", 1),
        "its candidate does not agree",
    ),
    "proposal of nothing": (empty, "neither or both"),
    "proposal that predicts nothing": (
        change("Proposed", "candidate.predicted", {"metric": "m", "effect": float("nan")}, 1),
        "impossible candidate",
    ),
    "proposal that predicts without end": (
        change("Proposed", "candidate.predicted", PREDICTED, 1),
        "impossible candidate",
    ),
    "nothing to begin with": (remove("Proposed"), "is about an unknown candidate"),
    "verdict about a stranger": (
        change("VerdictReached", "verdict.candidate", STRANGER),
        "verdict about an unknown candidate",
    ),
    "verdict against a stranger": (
        change("VerdictReached", "verdict.incumbent", STRANGER),
        "verdict about an unknown candidate",
    ),
    "verdict about another arm": (change("VerdictReached", "arm", "control"), "another arm"),
    "verdict twice": (repeat("VerdictReached"), "second verdict"),
    "verdict of infinite evidence": (
        change("VerdictReached", f"{COMPARISON}.e_value", float("inf")),
        "impossible numbers",
    ),
    "verdict of no number": (
        change("VerdictReached", f"{COMPARISON}.estimate", float("nan")),
        "impossible numbers",
    ),
    "verdict on no evidence": (
        change("VerdictReached", f"{COMPARISON}.differences", []),
        "impossible numbers",
    ),
    "verdict without a budget": (
        change("VerdictReached", "verdict.alpha", -0.1),
        "impossible numb",
    ),
    "verdict of text": (
        change("VerdictReached", "verdict.alpha", "much"),
        "readable VerdictReached",
    ),
    "spared stranger": (
        insert({"kind": "Spared", "reason": "x", "candidate": STRANGER}),
        "unknown candidate",
    ),
    "pairs without end": (insert(bought(HUGE)), "impossible number of pairs"),
    "pairs below 0": (insert(bought(-5)), "impossible number of pairs"),
    "pairs for a stranger": (insert(bought(5, STRANGER)), "unknown candidate"),
    "approval of a stranger": (
        change("ApprovalGiven", "candidate", STRANGER),
        "unknown candidate",
    ),
    "approval before the verdict": (
        swap("ApprovalGiven", "VerdictReached"),
        "no verdict promotes",
    ),
    "promotion out of turn": (
        change("Promoted", "generation.number", 99, 1),
        "promotes F99 where F1 is due",
    ),
    "promotion beyond counting": (
        change("Promoted", "generation.number", 10**4000, 1),
        "promotes Fbeyond|does not hold a readable",
    ),
    "promotion of a stranger": (
        change("Promoted", "generation.candidate", STRANGER, 1),
        "unknown candidate",
    ),
    "promotion again": (repeat("Promoted"), "promotes F0 where F1 is due"),
    "promotion of F0 again": (again, "promotes F0 again"),
    "promotion without approval": (remove("ApprovalGiven"), "nobody has approved"),
    "incident of a stranger": (insert(incident(1, STRANGER)), "unknown candidate"),
    "incident out of turn": (insert(incident(-4)), "is incident -4 where 1 is due"),
    "closed incident that is not": (
        insert({"kind": "IncidentClosed", "number": 1, "by": "eve", "note": "x", "voids": True}),
        "closes incident 1, which is not open",
    ),
    "comparison with a stranger": (
        insert(
            {
                "kind": "Audited",
                "before": {"number": 5, "candidate": STRANGER, "commit": ""},
                "after": {"number": 0, "candidate": STRANGER, "commit": ""},
                "split": "sealed",
                "differences": [],
                "lower": 0.0,
                "upper": 0.0,
            }
        ),
        "compares an unknown generation",
    ),
    "a kind that is none": (insert({"kind": "Miracle"}), "unknown kind 'Miracle'"),
}
"""What no study writes, and what is said of it."""


@pytest.mark.parametrize("name", FORMS)
def test_what_no_study_writes_is_an_error_of_one_line(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    forgery, said = FORMS[name]
    forge(folder, forgery)
    for command in (*READERS, *JUDGES):
        capsys.readouterr()
        assert call(command, str(folder)) == 1, command
        err = capsys.readouterr().err
        assert re.fullmatch(r"filial: event \d+ [^\n]+\n", err), (command, err)
        # A run may notice that it is not what it would write before it looks any closer.
        is_said = re.search(said, err) or (command == "run" and "of the ledger" in err)
        assert is_said, (command, err)


def other_metric(lines: list[Line]) -> None:
    for line in of_kind(lines, "TrialFinished"):
        for measurement in line["trial"].get("measurements", []):
            measurement["metric"] = f"other {measurement['metric']}"


def test_trials_that_measure_nothing_of_the_study_are_an_error_of_one_line(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(folder, other_metric)
    for command in (*READERS, *JUDGES):
        capsys.readouterr()
        assert call(command, str(folder)) == 1, command
        err = capsys.readouterr().err
        assert err.count("\n") == 1, command
        assert "no trial on record measures" in err


def flip(lines: list[Line]) -> None:
    """The first rejection becomes a promotion, with all that belongs to one."""
    line = next(
        line
        for line in of_kind(lines, "VerdictReached")
        if line["verdict"]["decision"] == "REJECT"
    )
    line["verdict"]["decision"] = "PROMOTE"


def buy_for_the_promoted(lines: list[Line]) -> None:
    """A challenger gets one pair more, before its verdict."""
    line = next(
        line for line in of_kind(lines, "VerdictReached") if "comparison" in line["verdict"]
    )
    lines.insert(lines.index(line), bought(1, line["verdict"]["candidate"]))


def without_incident(lines: list[Line]) -> None:
    """A candidate that was tried opened a decoy, and nothing is said of it."""
    trials = of_kind(lines, "TrialFinished")
    last = known(lines)
    line = next(line for line in trials if line["trial"]["spec"]["candidate"] == last)
    line["trial"].pop("measurements", None)
    line["trial"]["failure"] = {"kind": "tripwire", "detail": "it opened the decoy"}


DECISIONS: dict[str, tuple[Forgery, str]] = {
    "a larger gain": (
        change("VerdictReached", f"{COMPARISON}.estimate", 0.75),
        r"VerdictReached, does not follow .*verdict.comparison.estimate is 0.75 there",
    ),
    "more evidence": (
        change("VerdictReached", f"{COMPARISON}.e_value", 1e12),
        r"verdict.comparison.e_value is 1e\+12 there",
    ),
    "other pairs": (
        change("VerdictReached", f"{COMPARISON}.differences.0", 0.999),
        r"verdict.comparison.differences\[0\] is 0.999 there",
    ),
    "more budget": (change("VerdictReached", "verdict.alpha", 0.5), r"verdict.alpha is 0.5 there"),
    "another rule": (change("VerdictReached", "verdict.policy", "f" * 64), "verdict.policy is f"),
    "another decision": (flip, "verdict.decision is PROMOTE there, and should be REJECT"),
    "less noise": (change("Calibrated", "noise.sigma", 1e-9), "noise.sigma is 1e-09 there"),
    "another dev seed": (change("Calibrated", "screen_k", 999), "screen_k is 999 there"),
    "another trial": (
        change("TrialFinished", "trial.spec.exam_seed", 5),
        "is trial dev/0 of .* where this study would run dev/0",
    ),
    "a stray event where a proposal is due": (
        insert({"kind": "Spared", "reason": "x", "candidate": ""}),
        "is Spared, but this study would write Proposed there",
    ),
    "a decoy and no incident": (without_incident, "amounts to an incident that it lacks"),
    "pairs that no gate would buy": (
        buy_for_the_promoted,
        "is EvidenceBought, but this study would write",
    ),
}
"""What a study could have written, but not on these trials."""


@pytest.mark.parametrize("name", DECISIONS)
def test_what_does_not_follow_from_the_trials_is_found_by_telling_it_again(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    forgery, said = DECISIONS[name]
    forge(folder, forgery)
    for command in READERS:
        assert call(command, str(folder)) == 0, command
    for command in JUDGES:
        capsys.readouterr()
        assert call(command, str(folder)) == 1, command
        err = capsys.readouterr().err
        assert re.fullmatch(r"filial: event \d+ [^\n]+\n", err), (command, err)
        assert re.search(said, err), (command, err)


def test_the_genuine_ledger_is_believed(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(folder, lambda lines: None)
    for command in READERS:
        assert call(command, str(folder)) == 0, command
    before = (folder / ".filial" / LEDGER).read_bytes()
    capsys.readouterr()
    assert call("verify", str(folder)) == 0
    out = capsys.readouterr().out
    assert re.fullmatch(
        r"\d+ events, all blobs and 2 generations match\n"
        r"3 verdicts follow from the trials on record\n",
        out,
    )
    assert (folder / ".filial" / LEDGER).read_bytes() == before
    assert call("run", str(folder)) == 0
    assert "the proposers have nothing more to say" in capsys.readouterr().out


def test_decisions_under_another_rule_are_not_compared_and_not_continued(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    """As after a new version of Filial: old verdicts were right under the rule that they name."""

    def older(lines: list[Line]) -> None:
        change("StudyOpened", "policy", "f" * 64)(lines)
        for line in of_kind(lines, "VerdictReached"):
            line["verdict"]["policy"] = "f" * 64

    forge(folder, older)
    for command in READERS:
        assert call(command, str(folder)) == 0, command
    capsys.readouterr()
    assert call("verify", str(folder)) == 0
    said = capsys.readouterr().out.splitlines()[-1]
    assert said.startswith("decisions stand as they were judged and were not repeated: the gate's")
    assert call("run", str(folder)) == 1
    err = capsys.readouterr().err
    assert "the gate's rule (it comes with Filial" in err
    assert err.count("\n") == 1


def test_a_record_that_does_not_begin_with_its_opening_is_not_judged(
    folder: Path, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    forge(folder, remove("StudyOpened"))
    assert call("verify", str(folder)) == 1
    assert re.fullmatch(
        r"filial: event \d+ is Proposed, before the study's beginning\n", capsys.readouterr().err
    )


def test_wherever_a_record_ends_its_decisions_can_be_repeated(
    genuine: Path, tmp_path: Path, call: Call
) -> None:
    for n in (1, 2, 3, *range(4, 55, 6)):
        folder = Path(shutil.copytree(genuine, tmp_path / f"{n}"))
        forge(folder, partial(cut, n))
        before = sorted(path for path in folder.rglob("*") if "ledger" not in path.name)
        assert call("verify", str(folder)) == 0, n
        assert before == sorted(path for path in folder.rglob("*") if "ledger" not in path.name)
