"""Claimed against realised: audits on the sealed split, beside the story of a study."""

from pathlib import Path

import pytest
from test_running import AROUND, sessions, with_better

from filial.auditing import audit
from filial.core import Audited, RunStopped, Split, TrialFinished
from filial.errors import LedgerError, StudyError
from filial.running import run
from filial.study import Study

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = with_better(tmp_path / "s")
    run(study, AROUND)
    return study


def sealed(study: Study) -> list[TrialFinished]:
    with study.storage(read_only=True) as storage:
        bodies = [event.body for event in storage.events()]
    trials = [body for body in bodies if isinstance(body, TrialFinished)]
    return [one for one in trials if one.trial.spec.split is Split.SEALED]


def test_two_generations_on_fresh_seeds(study: Study) -> None:
    found = audit(study, "F0", "F1", 3, AROUND)
    assert isinstance(found, Audited)
    assert (found.before.number, found.after.number, found.split) == (0, 1, "sealed")
    assert len(found.differences) == 3
    assert all(gain > 0.01 for gain in found.differences)
    assert found.lower <= sum(found.differences) / 3 <= found.upper
    history = study.history()
    assert history.audits == [found]
    assert history.spend.sealed_looks == 6
    assert sessions(study)[-1] == RunStopped(reason="compared F0 and F1")
    labels = [one.trial.spec.label for one in sealed(study)]
    assert labels == [f"sealed/0/{k}" for k in range(3) for _ in range(2)]


def test_each_audit_looks_at_other_items(study: Study) -> None:
    audit(study, "F0", "F1", 2, AROUND)
    audit(study, "F0", "F1", 2, AROUND)
    seeds = [one.trial.spec.exam_seed for one in sealed(study)]
    assert len(seeds) == 8
    assert len(set(seeds)) == 4


def test_a_generation_against_itself(study: Study) -> None:
    assert audit(study, "F1", "F1", 2, AROUND).differences == (0.0, 0.0)


def test_the_story_goes_on_after_an_audit(study: Study) -> None:
    audit(study, "F0", "F1", 2, AROUND)
    before = len(list_events(study))
    assert run(Study(study.paths.folder), AROUND) == "the proposers have nothing more to say"
    assert len(list_events(study)) == before


def list_events(study: Study) -> list[object]:
    with study.storage(read_only=True) as storage:
        assert storage.verify() > 0
        return list(storage.events())


def test_another_exam_cannot_audit(study: Study) -> None:
    exam = study.paths.folder / "exam.py"
    exam.write_text(exam.read_text() + "# kinder\n")
    before = len(list_events(study))
    with pytest.raises(LedgerError, match=r"the exam .* changed since this study was opened"):
        audit(Study(study.paths.folder), "F0", "F1", 2, AROUND)
    assert len(list_events(study)) == before


@pytest.mark.parametrize("which", ["F9", "nothing"])
def test_what_is_no_generation_is_not_compared(study: Study, which: str) -> None:
    before = len(list_events(study))
    with pytest.raises(StudyError, match=f"'{which}' is no candidate"):
        audit(study, "F0", which, 2, AROUND)
    assert len(list_events(study)) == before
