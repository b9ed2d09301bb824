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


def test_a_panel_that_is_used_up_is_not_opened(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study.exam_class, "sealed_items", 20)
    first = audit(study, "F0", "F1", 2, AROUND)
    assert first.item_variance > 0
    before = len(list_events(study))
    with pytest.raises(StudyError, match="the sealed panel of 20 items is used up: "):
        audit(study, "F0", "F1", 2, AROUND)
    assert len(list_events(study)) == before


def audit_every(study: Study, n: int) -> Study:
    """The same study, reckoning every ``n`` promotions on three seeds."""
    with study.paths.settings.open("a") as settings:
        settings.write(f"\n[oversight]\naudit_every = {n}\naudit_seeds = 3\n")
    return Study(study.paths.folder)


def test_a_run_compares_by_itself_after_so_many_promotions(tmp_path: Path) -> None:
    study = audit_every(with_better(tmp_path / "s"), 1)
    assert run(study, AROUND) == "the proposers have nothing more to say"
    (found,) = study.history().audits
    assert (found.before.number, found.after.number) == (0, 1)
    assert len(found.differences) == 3
    assert found.item_variance > 0
    assert study.history().incidents == []
    before = len(list_events(study))
    run(Study(study.paths.folder), AROUND)
    assert len(list_events(study)) == before


@pytest.mark.parametrize("on_demand", [False, True])
def test_a_comparison_on_demand_counts(study: Study, on_demand: bool) -> None:
    """Whoever changes ``audit_every`` from 5 to 1 gets what is due then, but nothing twice."""
    if on_demand:
        audit(study, "F0", "F1", 2, AROUND)
    run(audit_every(study, 1), AROUND)
    (found,) = study.history().audits
    assert len(found.differences) == (2 if on_demand else 3)
