"""A candidate that opens a decoy: void with all that came from it, and the study waits."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from filial.auditing import audit
from filial.cli.app import app
from filial.core import Decision, Event, FailureKind, Incident, Promoted
from filial.errors import IncidentOpen, StudyError
from filial.kits import copy
from filial.running import Surroundings, run
from filial.sandboxes import Command, Level, Sandbox, at
from filial.study import Study
from filial.testing.sandbox import InProcess, InProcessSandbox

GOOD = "def answer(question):\n    return sum(question['numbers'])\n"
BETTER = "import math\n\n\ndef answer(question):\n    return math.fsum(question['numbers'])\n"
THIEF = (
    "import os\n\n\ndef answer(question):\n"
    "    open(os.environ['EXAM_ANSWERS']).read()\n    return sum(question['numbers'])\n"
)
# Sound while it is a challenger; as incumbent it sees the same items, but files of its own.
SPLURGE = (
    "import os\n\n\ndef answer(question):\n    print(dict(os.environ))\n"
    "    return sum(question['numbers'])\n"
)


def study_of(folder: Path, *programs: str) -> Study:
    copy("sums", folder)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    begin, end = text.index("[proposers]"), text.index("[budget]")
    text = f'{text[:begin]}[proposers]\nreplay = {{ file = "p.jsonl" }}\n{text[end:]}'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    lines = [
        json.dumps({"hypothesis": f"program {n}", "files": {"answer.py": program}})
        for n, program in enumerate(programs)
    ]
    (folder / "p.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Study(folder)


@pytest.fixture(params=[Level.L2, Level.L3, Level.L4])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return at(request.param)


def around(sandbox: Sandbox) -> Surroundings:
    return Surroundings(workers=0, sandbox=sandbox, audit=False)


def test_a_thief_is_void_and_the_study_waits_for_a_person(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    study = study_of(tmp_path / "s", THIEF, GOOD)
    with pytest.raises(IncidentOpen, match=r"incident 1 is open.*answers\.json.*filial incidents"):
        run(study, around(sandbox))
    history = study.history()
    (incident,) = history.incidents
    thief = history.standings[incident.candidate]
    assert thief.candidate.index == 0
    failure = thief.trials[incident.label].failure
    assert failure is not None
    assert failure.kind is FailureKind.TRIPWIRE
    assert len(history.generations) == 1

    with pytest.raises(IncidentOpen):
        run(Study(study.paths.folder), around(sandbox))
    done = CliRunner().invoke(app, ["incidents", str(study.paths.folder)])
    assert "it opened the decoy answers.json" in done.output
    closing = ["incidents", str(study.paths.folder), "--close", "1", "--note", "a thief indeed"]
    assert CliRunner().invoke(app, closing).exit_code == 0

    reason = run(Study(study.paths.folder), around(sandbox))
    history = study.history()
    assert "nothing more to say" in reason
    assert history.incidents == [incident]
    verdict = history.standings[incident.candidate].verdict
    assert verdict is not None
    assert verdict.decision is Decision.VOID
    assert history.incumbent.number == 1


def test_printing_a_decoy_counts(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", SPLURGE)
    with pytest.raises(IncidentOpen, match="printed a decoy"):
        run(study, around(at(Level.L3)))


def test_honest_programs_trip_nothing(tmp_path: Path, sandbox: Sandbox) -> None:
    listing = "import os\nos.listdir('.')\nprint(len(os.environ))\n" + BETTER
    study = study_of(tmp_path / "s", listing)
    run(study, around(sandbox))
    assert study.history().incidents == []
    assert study.history().incumbent.number == 1


class Patient(InProcessSandbox):
    """Candidates in it open a decoy from some time on."""

    is_over = False

    def start(self, command: Command) -> InProcess:
        if self.is_over:
            command.inputs["answers.json"].read_bytes()
        return super().start(command)


def test_a_generation_that_opens_a_decoy_only_in_a_sealed_trial_is_found_out(
    tmp_path: Path,
) -> None:
    study, sandbox = study_of(tmp_path / "s", GOOD), Patient()
    run(study, around(sandbox))
    sandbox.is_over = True
    with pytest.raises(StudyError, match=r"sealed.*opened the decoy"):
        audit(study, "F1", "F0", 2, around(sandbox))
    history = study.history()
    (incident,) = history.incidents
    assert incident.candidate == history.generations[1].candidate
    assert incident.label.startswith("sealed")
    sandbox.is_over = False
    with pytest.raises(IncidentOpen):
        run(Study(study.paths.folder), around(sandbox))


class FileServer(InProcessSandbox):
    """Opens all that it shows, as the file server of a separate kernel does."""

    level = Level.L5

    def start(self, command: Command) -> InProcess:
        for path in command.inputs.values():
            path.read_bytes()
        return super().start(command)


def test_a_file_server_on_the_host_trips_nothing(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", GOOD)
    run(study, around(FileServer()))
    assert study.history().incidents == []
    assert study.history().incumbent.number == 1


def test_a_run_cut_off_between_theft_and_incident_records_it_when_it_goes_on(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path / "s", THIEF, GOOD)
    sandbox = at(Level.L3)

    def die(event: object, _history: object) -> None:
        trial = getattr(getattr(event, "body", None), "trial", None)
        if trial is not None and trial.failure is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(study, Surroundings(workers=0, sandbox=sandbox, listener=die, audit=False))
    with study.storage(read_only=True) as storage:
        assert not any(isinstance(event.body, Incident) for event in storage.events())
    with pytest.raises(IncidentOpen):
        run(Study(study.paths.folder), around(sandbox))
    assert len(study.history().incidents) == 1


@pytest.mark.parametrize("words", [["--close", "1"], ["--close", "7", "--note", "x"]])
def test_closing_what_is_not_open_is_one_line(tmp_path: Path, words: list[str]) -> None:
    study = study_of(tmp_path / "s", GOOD)
    run(study, around(at(Level.L3)))
    done = CliRunner().invoke(app, ["incidents", os.fspath(study.paths.folder), *words])
    assert done.exit_code == 1
    assert "no open incident" in str(done.exception)


def close(study: Study, *words: str) -> str:
    """Closes incident 1 on the command line; returns what is said then and afterwards."""
    folder = os.fspath(study.paths.folder)
    closing = ["incidents", folder, "--close", "1", "--note", "it was luck", *words]
    done = CliRunner().invoke(app, closing)
    assert done.exit_code == 0
    return done.output + CliRunner().invoke(app, ["incidents", folder]).output


def doubted(tmp_path: Path, *later: str) -> Study:
    """A study whose F1 did not hold up, and that was cut off when it had just been promoted."""
    path = study_of(tmp_path / "s", GOOD, *later).paths.folder / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + "[run]\nbatch = 1\n", encoding="utf-8")
    study = Study(path.parent)

    def die(event: Event, _history: object) -> None:
        if isinstance(event.body, Promoted) and event.body.generation.number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(study, replace(around(InProcessSandbox()), listener=die))
    (_, f1) = study.history().generations
    doubt = Incident(
        number=1, candidate=f1.candidate, label="", detail="F1 did not hold up", voids=False
    )
    with study.storage() as storage:
        storage.append(doubt)
    with pytest.raises(IncidentOpen, match="F1 did not hold up"):
        run(Study(study.paths.folder), around(InProcessSandbox()))
    return study


def test_a_generation_that_did_not_hold_up_stays_unless_a_person_makes_it_void(
    tmp_path: Path,
) -> None:
    study = doubted(tmp_path)
    said = close(study)
    assert "closed by" in said
    assert "0 candidates are void; the incumbent is F1" in said
    run(Study(study.paths.folder), around(InProcessSandbox()))
    assert study.history().incumbent.number == 1


def test_made_void_it_is_no_incumbent_and_the_study_goes_on_from_the_one_before(
    tmp_path: Path,
) -> None:
    study = doubted(tmp_path, BETTER)
    culprit = study.history().incumbent.candidate
    said = close(study, "--void")
    assert "1 candidates are void, among them F1; the incumbent is F0" in said
    assert study.history().voided == {culprit}
    for _ in range(2):  # and again, from the ledger alone
        run(Study(study.paths.folder), around(InProcessSandbox()))
        history = study.history()
        newest = history.incumbent
        assert (newest.number, len(history.generations)) == (2, 3)
        parent = history.standings[newest.candidate].candidate.parent
        assert parent == history.generations[0].candidate
        assert history.voided == {culprit}


@pytest.mark.parametrize("words", [["--void"], ["--note", "x"]])
def test_what_belongs_to_an_incident_needs_one(tmp_path: Path, words: list[str]) -> None:
    study = study_of(tmp_path / "s", GOOD)
    done = CliRunner().invoke(app, ["incidents", os.fspath(study.paths.folder), *words])
    assert done.exit_code == 1
    assert "name it with --close N" in str(done.exception)


def test_making_void_needs_a_note_too(tmp_path: Path) -> None:
    study = doubted(tmp_path)
    done = CliRunner().invoke(
        app, ["incidents", os.fspath(study.paths.folder), "--close", "1", "--void"]
    )
    assert done.exit_code == 1
    assert "needs a note" in str(done.exception)
    assert len(study.history().open_incidents) == 1
