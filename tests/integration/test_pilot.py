"""Planning of whole studies: real trials, and nothing on record."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from filial.core import (
    Decision,
    Event,
    Judged,
    Measurement,
    Metric,
    Noise,
    Pair,
    Proposed,
    Split,
    StudyOpened,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.errors import CodeError, ConfigError, LedgerError, Stopped
from filial.gates import Case, ConfirmationGate
from filial.kits import copy
from filial.pilot import plan_study
from filial.planning import Plan
from filial.running import Surroundings, check_prospect, gate_of, run
from filial.stopping import StopSwitch
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox
from filial.testing.studies import copy_without_cheats

pytestmark = pytest.mark.timeout(300)

AROUND = Surroundings(workers=0, sandbox=InProcessSandbox())
BROKEN = "def answer(question):\n    raise RuntimeError('not today')\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_without_cheats("sums", tmp_path / "s")
    return tmp_path / "s"


def events(study: Study) -> list[Event]:
    with study.storage(read_only=True) as storage:
        return list(storage.events())


def planned(study: Study, n_trials: int = 4) -> Plan:
    return plan_study(study, n_trials, AROUND, lambda: None)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_the_real_sandbox_and_workers(tmp_path: Path) -> None:
    copy("sums", tmp_path / "s")
    study = Study(tmp_path / "s")
    told: list[None] = []
    found = plan_study(study, 5, Surroundings(workers=2), lambda: told.append(None))
    assert len(told) == found.n_trials == found.noise.n_values == 5
    assert (found.metric, found.unit, found.workers) == ("accuracy", "share", 2)
    assert found.reach is not None
    assert found.reach.detectable is not None
    assert 0 < found.reach.detectable < 1
    assert 0 < found.costs.cpu_s < 10
    assert found.purse.limit == "candidates"
    assert found.purse.n_candidates == 60
    assert not events(study)


def test_nothing_stays_but_the_secret(folder: Path) -> None:
    study = Study(folder)
    planned(study)
    assert not events(study)
    assert not (folder / ".filial" / "data").exists()  # the exam may yet change
    assert list((folder / ".filial" / "scratch").iterdir()) == []


def test_a_plan_sees_what_the_run_will_see(folder: Path) -> None:
    """The same seeds: the first values of the calibration are those of the plan."""
    edit(folder / "study.toml", "candidates = 60", "candidates = 40")  # four A/A trials
    study = Study(folder)
    before = planned(study, 4)
    assert before.purse.n_calibration == 4
    run(study, AROUND)
    after = planned(study, 4)
    assert after.is_recorded
    assert after.value == before.value
    assert study.history().noises[0] == before.noise


def test_everything_may_change_after_a_plan(folder: Path) -> None:
    study = Study(folder)
    planned(study)
    edit(folder / "study.toml", "candidates = 60", "candidates = 2\ntrials = 90")
    edit(folder / "exam.py", "range(24)", "range(48)")
    assert "the budget is used up" in run(Study(folder), AROUND)
    assert any(isinstance(event.body, StudyOpened) for event in events(study))


def test_larger_exams_are_less_noisy(folder: Path) -> None:
    (folder / ".filial").mkdir()
    (folder / ".filial" / "secret").write_bytes(bytes(32))  # the same luck every time
    few = planned(Study(folder), 6)
    edit(folder / "exam.py", "range(24)", "range(600)")
    many = planned(Study(folder), 6)
    assert many.noise.sigma < few.noise.sigma / 2  # a fifth, but for luck


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study that ran; tests only read it."""
    folder = tmp_path_factory.mktemp("finished") / "s"
    copy_without_cheats("sums", folder)
    edit(folder / "study.toml", "candidates = 60", "candidates = 40")
    run(Study(folder), AROUND)
    return Study(folder)


def test_a_calibrated_study_needs_no_trials(finished: Study) -> None:
    before, history = events(finished), finished.history()
    told: list[None] = []
    found = plan_study(finished, 40, AROUND, lambda: told.append(None))
    assert (told, events(finished)) == ([], before)
    assert found.is_recorded
    assert found.noise == history.noise
    assert found.n_trials == 4
    assert found.purse.n_calibration == found.purse.n_audit == 0
    assert found.purse.n_candidates == 0  # all 40 are used up
    assert found.value == pytest.approx(
        sum(
            event.body.trial["accuracy"].value
            for event in before
            if isinstance(event.body, TrialFinished)
            and event.body.trial.spec.candidate == history.generations[0].candidate
            and event.body.trial.spec.label in {"dev/0", "dev/1", "dev/2", "dev/3"}
        )
        / 4
    )


def test_a_changed_study_is_not_planned_from_its_old_trials(
    finished: Study, tmp_path: Path
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(finished.paths.folder, folder)
    edit(folder / "exam.py", "range(24)", "range(48)")
    with pytest.raises(LedgerError, match="the exam"):
        planned(Study(folder))


def test_duplicates_so_far_are_expected_of_what_is_to_come(
    finished: Study, tmp_path: Path
) -> None:
    folder = tmp_path / "longer"
    shutil.copytree(finished.paths.folder, folder)
    edit(folder / "study.toml", "candidates = 40", "candidates = 80")
    history = finished.history()
    proposals = [e.body for e in events(finished) if isinstance(e.body, Proposed)]
    n_refused = sum(one.candidate is None for one in proposals)
    assert 0 < n_refused < 40  # most of them duplicates
    found = planned(Study(folder))
    assert (found.n_refused, found.n_proposals) == (n_refused, 40)
    assert (found.purse.limit, found.purse.n_proposals) == ("candidates", 40)
    assert found.purse.n_candidates == 40 - n_refused  # the next 40 fare as the first ones
    judged = [*history.confirmations, *history.control_confirmations]
    assert judged
    assert found.purse.n_confirmed is not None
    assert found.purse.n_confirmed >= len({one.candidate for one in judged})
    n_pairs = sum(len(one.comparison.differences) for one in judged if one.comparison)
    assert found.purse.pairs * found.purse.n_confirmed >= n_pairs


def best_pair(k: int, judged: Judged) -> Pair:
    """The challenger passes all of many items, of which the incumbent passes none."""

    def side(name: str, value: float) -> Trial:
        spec = TrialSpec(
            candidate=name, split=Split.CONFIRM, build_seed=k, exam_seed=k, label=f"confirm/c/{k}"
        )
        questions = tuple(f"{k}/{i}" for i in range(1000 if judged is Judged.ARTIFACT else 0))
        found = Measurement(
            metric="worth",
            value=value if questions else 1e6 * value,
            items=(value,) * len(questions),
            questions=questions,
        )
        return Trial(spec=spec, level="L3", measurements=(found,))

    return Pair(incumbent=side("f0", 0.0), challenger=side("c", 1.0))


def pairs_of_a_promotion(gate: ConfirmationGate, judged: Judged) -> int | None:
    """How many pairs the gate takes for the largest gain, with what it buys; None if no number."""
    case = Case(
        challenger="c",
        incumbent="f0",
        judged=judged,
        primary=Metric("worth"),
        guards=(),
        noise=Noise(sigma=0.01, n_values=40),
        alpha=gate.alpha(()),
    )
    while True:
        case = replace(case, pairs=(*case.pairs, best_pair(len(case.pairs), judged)))
        verdict = gate.judge(case)
        if verdict is None:
            continue
        if verdict.decision is Decision.PROMOTE:
            return len(case.pairs)
        n_more = gate.more_pairs(case) if verdict.decision is Decision.UNDECIDED else 0
        if not n_more:
            return None
        case = replace(case, n_bought=case.n_bought + n_more)


@pytest.mark.parametrize("max_pairs", range(3, 17))
@pytest.mark.parametrize("judged", [Judged.ARTIFACT, Judged.RECIPE])
def test_refused_is_what_the_gate_cannot_promote(
    folder: Path, judged: Judged, max_pairs: int
) -> None:
    edit(folder / "study.toml", 'judged = "artifact"', f'judged = "{judged}"')
    edit(folder / "study.toml", "[budget]", f"[gate]\nmax_pairs = {max_pairs}\n\n[budget]")
    study, told = Study(folder), list[str]()
    gate = gate_of(study)
    assert isinstance(gate, ConfirmationGate)
    n_pairs = pairs_of_a_promotion(gate, judged)
    if n_pairs is None:
        with pytest.raises(
            ConfigError, match=rf"gate\.max_pairs = {max_pairs} can promote nothing"
        ):
            check_prospect(study, gate, told.append)
        assert told == []
        return
    check_prospect(study, gate, told.append)
    warning = (
        f"filial: gate.max_pairs = {max_pairs}: a first promotion takes at least {n_pairs} pairs, "
        f"{n_pairs - max_pairs} of them bought; set it to at least {n_pairs}\n"
    )
    assert told == ([warning] if n_pairs > max_pairs else [])


@pytest.mark.parametrize(("judged", "fewest", "least"), [("artifact", 12, 8), ("recipe", 8, 4)])
def test_a_gate_that_can_promote_nothing_is_refused(
    folder: Path, judged: str, fewest: int, least: int
) -> None:
    edit(folder / "study.toml", 'judged = "artifact"', f'judged = "{judged}"')
    edit(folder / "study.toml", "[budget]", f"[gate]\nmax_pairs = {least - 1}\n\n[budget]")
    study = Study(folder)
    words = rf"gate\.max_pairs = {least - 1} can promote nothing: .* set it to at least {fewest}$"
    with pytest.raises(ConfigError, match=words):
        planned(study)
    with pytest.raises(ConfigError, match=words):
        run(study, AROUND)
    assert not (folder / ".filial").exists()
    edit(folder / "study.toml", f"max_pairs = {least - 1}", f"max_pairs = {least}")
    told: list[str] = []
    around = replace(AROUND, warn=told.append)
    assert plan_study(Study(folder), 3, around, lambda: None).n_steady is None
    assert f"{fewest} pairs, {fewest - least} of them bought" in told[0]
    edit(folder / "study.toml", f"max_pairs = {least}", f"max_pairs = {fewest}")
    assert planned(Study(folder)).n_steady == fewest


def test_a_gate_too_strict_for_any_number_of_pairs_is_refused(folder: Path) -> None:
    edit(folder / "study.toml", "[budget]", "[gate]\nfdr = 1e-40\n\n[budget]")
    with pytest.raises(ConfigError, match=r"nor could 100, so that gate\.fdr = 1e-40 has to be"):
        planned(Study(folder))


def test_failing_code(folder: Path) -> None:
    (folder / "code" / "answer.py").write_text(BROKEN)
    study = Study(folder)
    with pytest.raises(CodeError, match=r"the initial code cannot sit the exam: .*not today"):
        planned(study)
    assert not events(study)
    assert not (folder / ".filial" / "data").exists()


def test_code_that_works_once(folder: Path) -> None:
    text = "from pathlib import Path\n\ndef answer(question):\n"
    text += f"    mark = Path({str(folder / 'mark')!r})\n    n = len(mark.read_text())\n"
    text += "    mark.write_text('x' * (n + 1))\n    return [1.0, 'no'][n >= 24]\n"
    (folder / "mark").write_text("")
    (folder / "code" / "answer.py").write_text(text)
    with pytest.raises(CodeError, match=r"once at most in 3 trials: .*not a number"):
        planned(Study(folder), 3)


def test_a_stop_between_trials(folder: Path) -> None:
    study = Study(folder)
    stop = StopSwitch(study.paths.stop)
    with pytest.raises(Stopped):
        plan_study(study, 4, replace(AROUND, stop=stop), study.paths.stop.touch)
    assert not events(study)
    assert not study.paths.stop.exists()


def test_constructions(tmp_path: Path) -> None:
    copy_without_cheats("circles", tmp_path / "c")
    found = planned(Study(tmp_path / "c"), 3)
    assert found.judged is Judged.CONSTRUCTION
    assert found.reach is None
    assert found.purse.n_calibration == 1
    assert found.purse.n_confirmed == 0
    # 0.78 of 0.98, and nothing is known about duplicates yet.
    assert (found.purse.n_candidates, found.purse.n_treatment) == (400, 318)
