"""The audit of whole studies: what stops a run before its first trial, and what does not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from filial.auditing import audit_exam
from filial.core import Event, ExamAudited, Finding, History, Severity, Spend, StudyOpened
from filial.errors import AuditError, CodeError, ConfigError
from filial.exam_audit import BUDGET_SHARE, Effort, audit
from filial.kits import copy
from filial.running import Surroundings, run
from filial.sandboxes import best
from filial.sandboxes.base import Command
from filial.study import Study
from filial.testing.sandbox import InProcess, InProcessSandbox

pytestmark = pytest.mark.timeout(300)

AROUND = Surroundings(workers=0, sandbox=InProcessSandbox())

SETTINGS = """\
[study]
name = "toy"
goal = "Answer"
[surfaces]
program = ["answer.py"]
[exam]
class = "exam.py:Toy"
judged = "artifact"
primary = "right"
{exam}
{build}
[proposers]
operators = {{}}
[budget]
{budget}
"""

EXAM = """\
import hashlib
import json

import numpy as np

import filial


class Toy(filial.Exam):
    metrics = (filial.Metric("right", unit="share", smallest_effect=0.02),)

    @classmethod
    def prepare(cls, public, private):
        words = [hashlib.sha256(bytes([k])).hexdigest() for k in range(200)]
        (private / "words.json").write_text(json.dumps(words))
        {prepare}

    def items(self, split, rng):
        words = json.loads((self.private / "words.json").read_text())
        for k in rng.integers(0, 200, size=24).tolist():
            {item}

    def score(self, item, answer):
        {score}
"""
ITEM = "yield filial.Item([k, float(rng.uniform())], key=words[k])"
SCORE = """if not isinstance(answer, str):
            raise filial.Invalid("no text")
        return float(answer == item.key)"""
ANSWER = """\
import hashlib

def answer(question):
    k = question[0] if isinstance(question, list) else question
    return hashlib.sha256(bytes([k % 100])).hexdigest()
"""


def make(
    folder: Path,
    *,
    prepare: str = "pass",
    item: str = ITEM,
    score: str = SCORE,
    answer: str = ANSWER,
    exam: str = "",
    build: str = "",
    budget: str = "candidates = 2",
) -> Study:
    (folder / "code").mkdir(parents=True, exist_ok=True)
    (folder / "code" / "answer.py").write_text(answer)
    (folder / "exam.py").write_text(EXAM.format(prepare=prepare, item=item, score=score))
    settings = SETTINGS.format(exam=exam, build=build, budget=budget)
    (folder / "study.toml").write_text(settings)
    return Study(folder)


def audits(study: Study) -> list[ExamAudited]:
    with study.storage(read_only=True) as storage:
        return [e.body for e in storage.events() if isinstance(e.body, ExamAudited)]


def of(found: ExamAudited, severity: Severity) -> dict[str, Finding]:
    return {one.check: one for one in found.findings if one.severity is severity}


def words_of(study: Study) -> str:
    """What ``prepare`` writes, as a leaked file would hold it."""
    private = study.paths.folder / "told"
    private.mkdir()
    study.exam_class.prepare(private, private)
    return (private / "words.json").read_text()


# what a run does


def test_a_sound_exam_is_audited_once_and_the_study_goes_on(tmp_path: Path) -> None:
    heard: list[Event] = []

    def listener(event: Event, _history: History) -> None:
        heard.append(event)

    study = make(tmp_path / "s")
    doing: list[str] = []
    around = replace(AROUND, listener=listener, watcher=lambda _worker, text: doing.append(text))
    assert run(study, around) == "the budget is used up: candidates"
    assert isinstance(heard[0].body, ExamAudited)
    assert isinstance(heard[2].body, StudyOpened)
    (found,) = audits(study)
    assert not of(found, Severity.ERROR)
    assert not of(found, Severity.WARNING)
    assert "deterministic" in of(found, Severity.NOTE)["A/A pairs"].message
    assert run(study, around) == "the budget is used up: candidates"
    assert len(audits(study)) == 1
    assert doing.count("auditing the exam before the first trial") == 1, "not where it passed"
    assert study.history().spend.trials < 60  # none of them the audit's


def test_a_constant_that_passes_stops_the_run_until_the_exam_is_mended(tmp_path: Path) -> None:
    study = make(tmp_path / "s", score="return float(answer is not None)")
    for n in (1, 2):  # errors are looked at afresh: the code may be what was mended
        with pytest.raises(AuditError, match=r"audit \(\w+ answers?\): .* raise filial\.Invalid"):
            run(study, AROUND)
        assert len(audits(study)) == n
    assert study.history().opened is None
    assert study.history().spend.trials == 0
    assert not study.paths.private.exists()  # a mended exam prepares anew
    mended = make(tmp_path / "s")
    assert run(mended, AROUND) == "the budget is used up: candidates"
    first, _, last = audits(mended)
    assert first.exam != last.exam
    assert not of(last, Severity.ERROR)


@pytest.mark.parametrize(
    "changed", [{"exam": 'memory = "1GiB"'}, {"answer": f"{ANSWER}# other code\n"}]
)
def test_a_pass_holds_only_for_what_was_audited(tmp_path: Path, changed: dict[str, str]) -> None:
    audit_exam(make(tmp_path / "s"), 0, AROUND)
    study = make(tmp_path / "s", **changed)
    run(study, AROUND)
    first, second = audits(study)
    assert first.exam != second.exam


def test_items_numbered_from_the_seed_stop_the_run(tmp_path: Path) -> None:
    item = "yield filial.Item(rng.bit_generator.seed_seq.entropy + k % 12, key=words[k % 12])"
    study = make(tmp_path / "s", item=item)
    with pytest.raises(AuditError, match=r"seed overlap.*draw every item from rng"):
        run(study, AROUND)


@pytest.mark.parametrize("split", ["confirm", "sealed"])
def test_an_exam_that_cannot_score_a_split_stops_the_run(tmp_path: Path, split: str) -> None:
    """Nothing is spent, and nobody has looked at the sealed split."""
    item = "yield filial.Item([k, float(rng.uniform())], key=(words[k], split))"
    score = f"""if not isinstance(answer, str):
            raise filial.Invalid("no text")
        word, split = item.key
        return float(answer == word) / (split != {split!r})"""
    study = make(tmp_path / "s", item=item, score=score)
    with pytest.raises(
        AuditError, match=rf"\(splits\): .* {split} split: .*ZeroDivisionError.*exam"
    ):
        run(study, AROUND)
    assert study.history().spend == Spend()
    assert study.history().opened is None


def test_code_that_fails_on_another_split_only_gets_a_warning(tmp_path: Path) -> None:
    item = "yield filial.Item([k, float(rng.uniform()), split], key=words[k])"
    shy = ANSWER.replace(
        "    k =", "    if 'sealed' in question[1:]:\n        raise OSError\n    k ="
    )
    study = make(tmp_path / "s", item=item, answer=shy)
    found = audit_exam(study, 0, AROUND)
    assert "failed on the sealed split: crash" in of(found, Severity.WARNING)["splits"].message
    assert "splits" not in of(found, Severity.ERROR)


NUMBERED = """\
from pathlib import Path

SITTINGS = Path({path!r})
SITTINGS.write_text(SITTINGS.read_text() + "x")

def answer(question):
    return None if len(SITTINGS.read_text()) in {bad} else "text"
"""


@pytest.mark.parametrize(
    ("bad", "n_sittings", "severity"),
    [
        (set(), 4, None),
        ({3}, 5, Severity.WARNING),  # the next seed is scored
        ({3, 4, 5}, 6, Severity.WARNING),  # and then one is refused on dev, too
        ({3, 4, 6}, 8, Severity.ERROR),  # none of three is scored, and all of dev are
        ({3, 4, 6, 7}, 8, Severity.WARNING),
    ],
)
def test_answers_that_are_refused_now_and_then_are_no_fault_of_the_exam(
    tmp_path: Path, bad: set[int], n_sittings: int, severity: Severity | None
) -> None:
    """The initial code sits dev twice, confirm, more of confirm and dev in turn, and sealed."""
    sittings = tmp_path / "sittings"
    sittings.write_text("")
    answer = NUMBERED.format(path=str(sittings), bad=bad or "()")
    found = audit_exam(make(tmp_path / "s", answer=answer), 0, AROUND)
    assert {one.severity for one in found.findings if one.check == "splits"} == (
        {severity} if severity else set()
    )
    assert len(sittings.read_text()) == n_sittings


SPLIT_ITEM = "yield filial.Item([k, float(rng.uniform()), split], key=words[k])"


@pytest.mark.parametrize("split", ["confirm", "sealed"])
def test_answers_that_are_refused_on_one_split_each_time_are_the_exams_fault(
    tmp_path: Path, split: str
) -> None:
    study = make(
        tmp_path / "s",
        item=SPLIT_ITEM,
        answer=ANSWER.replace(
            "    k =", f"    if {split!r} in question[1:]:\n        return None\n    k ="
        ),
    )
    message = of(audit_exam(study, 0, AROUND), Severity.ERROR)["splits"].message
    assert f"failed on the {split} split on each of 3 seeds: invalid" in message
    assert ("no text" in message) is (split == "confirm"), "sealed items are not told of"


def test_what_score_says_of_a_sealed_item_is_not_told(tmp_path: Path) -> None:
    item = "yield filial.Item([k, float(rng.uniform())], key=(words[k], split))"
    score = """if not isinstance(answer, str):
            raise filial.Invalid("no text")
        word, split = item.key
        if split == "sealed":
            raise KeyError(word)
        return float(answer == word)"""
    found = of(audit_exam(make(tmp_path / "s", item=item, score=score), 0, AROUND), Severity.ERROR)
    lines = (tmp_path / "s" / "exam.py").read_text().splitlines()
    line = next(k for k, text in enumerate(lines, 1) if "KeyError" in text)
    assert found["splits"].message.endswith(
        f"on the sealed split: ill_typed, score raised KeyError (exam.py:{line})"
    )


@pytest.mark.parametrize(
    ("n_trials", "n_run"), [(10, 2), (30, 3), (40, 4), (59, 4), (60, 6), (200, 6)]
)
def test_no_more_than_its_share_is_spent(tmp_path: Path, n_trials: int, n_run: int) -> None:
    """Two sittings always; then the other splits; then another pair, equal to the first."""
    n = 0

    class Counting(InProcessSandbox):
        def start(self, command: Command) -> InProcess:
            nonlocal n
            n += command.argv[-1] == "answer.py"
            return super().start(command)

    study = make(tmp_path / "s", budget=f"trials = {n_trials}")
    study.paths.state.mkdir()
    study.prepare_data()
    found = audit(study, Counting(), Effort(share=BUDGET_SHARE), lambda: None)
    assert n == n_run
    skipped = [one.message for one in found.findings if one.check == "splits"]
    assert len(skipped) == max(0, 4 - n_run)
    assert all("nobody sat the " in message for message in skipped)


def test_an_audit_can_be_left_out(tmp_path: Path) -> None:
    study = make(tmp_path / "s", score="return float(answer is not None)")
    run(study, replace(AROUND, audit=False))
    assert audits(study) == []


def test_initial_code_that_fails_is_named_as_ever(tmp_path: Path) -> None:
    study = make(tmp_path / "s", answer="def answer(question):\n    return 1 / 0\n")
    with pytest.raises(CodeError, match=r"cannot sit the exam: crash: .*ZeroDivisionError"):
        run(study, AROUND)
    assert audits(study) == []


def test_a_small_budget_buys_few_pairs(tmp_path: Path) -> None:
    noisy = ANSWER.replace("question[0] ", "question[0] + (len(SEEN) % 7 > 3) * 100 ")
    noisy = noisy.replace("    k =", "    SEEN.append(0)\n    k =") + "\nSEEN = []\n"
    study = make(tmp_path / "s", budget="trials = 60", answer=noisy)
    run(study, replace(AROUND, audit=True))
    (found,) = audits(study)
    assert of(found, Severity.NOTE)["A/A pairs"].message.startswith("2 ")


def test_a_build_that_eats_the_budget_is_not_run_twice(tmp_path: Path) -> None:
    build = '[build]\ncommand = ["python", "-c", "x"]\ncpu_s = 60'
    study = make(tmp_path / "s", build=build, budget='cpu = "5m"')
    with pytest.raises(Exception, match="InProcessSandbox serves exams only"):
        run(study, AROUND)  # the study's own first trial
    (found,) = audits(study)
    notes = of(found, Severity.NOTE)
    assert "was not run" in notes["initial code"].message
    assert "calibration" in notes["A/A pairs"].message


# on demand


def test_on_demand_nothing_is_prepared_for_good(tmp_path: Path) -> None:
    study = make(tmp_path / "s")
    found = audit_exam(study, 4, AROUND)
    assert audits(study) == [found]
    assert "4 seeds" in of(found, Severity.NOTE)["A/A pairs"].message
    assert not study.paths.private.exists()
    run(study, AROUND)
    assert len(audits(study)) == 1
    before = study.history().spend
    assert audit_exam(study, 0, AROUND).exam == found.exam
    assert study.paths.private.exists()  # the study rests on it now
    assert study.history().spend == before


REFERENCE = ANSWER.replace("k % 100", "k")


def test_the_reference_sits_the_exam(tmp_path: Path) -> None:
    study = make(tmp_path / "s", exam='reference = "best.py"')
    with pytest.raises(ConfigError, match=r"exam.reference: there is no .*best\.py"):
        audit_exam(study, 0, AROUND)
    for text, severity, words in (
        (REFERENCE, Severity.NOTE, "the reference scores right 1 share"),
        (ANSWER, Severity.WARNING, "not better"),
        ("def answer(question):\n    return {}[0]\n", Severity.ERROR, "cannot sit the exam"),
    ):
        (tmp_path / "s" / "best.py").write_text(text)
        found = audit_exam(Study(tmp_path / "s"), 0, AROUND)
        assert words in of(found, severity)["reference"].message
    digest = study.settings.digest()
    assert make(tmp_path / "s").settings.digest() == digest


def test_a_difference_between_first_and_second_trials(tmp_path: Path) -> None:
    score = """if not isinstance(answer, str):
            raise filial.Invalid("no text")
        seen = self.private / item.key
        again = seen.exists()
        seen.touch()
        return float(answer == item.key) if again else 0.0"""
    found = audit_exam(make(tmp_path / "s", score=score), 20, AROUND)
    assert set(of(found, Severity.ERROR)) & {"metrics", "A/A pairs"}


# labels, in a real sandbox

BUILD = """[build]
command = ["python", "-c", "import os; open(os.environ['FILIAL_OUT'] + '/x', 'w').write('1')"]
cpu_s = 5
"""


def labels(found: ExamAudited) -> list[Finding]:
    return [finding for finding in found.findings if finding.check == "labels out of reach"]


def test_labels_out_of_reach(tmp_path: Path) -> None:
    study = make(tmp_path / "s", build=BUILD)
    found = labels(audit_exam(study, 0, Surroundings(workers=0, sandbox=best())))
    assert [one.message.partition(" has")[0] for one in found] == ["the build", "the exam"]
    assert all("keys, private data words.json, the study's secret" in one.message for one in found)
    assert {one.severity for one in found} == {Severity.NOTE}


def test_labels_in_the_code(tmp_path: Path) -> None:
    study = make(tmp_path / "s")
    table = f"TABLE = {json.loads(words_of(study))!r}\n"
    (study.paths.code / "table.py").write_text(table)
    around = Surroundings(workers=0, sandbox=best())
    finding = labels(audit_exam(study, 0, around))[0]
    assert finding.severity is Severity.ERROR
    assert finding.message.startswith("the exam can read keys (")
    assert "take them out of table.py" in finding.fix
    with pytest.raises(AuditError, match=r"labels out of reach.*take them out of table\.py"):
        run(study, around)


def test_labels_in_the_public_data(tmp_path: Path) -> None:
    prepare = "(public / 'train.json').write_text(json.dumps(words))"
    study = make(tmp_path / "s", prepare=prepare, build=BUILD)
    found = labels(audit_exam(study, 0, Surroundings(workers=0, sandbox=best())))
    build, exam = found
    assert (build.severity, exam.severity) == (Severity.ERROR, Severity.NOTE)
    assert "private data words.json (" in build.message
    assert "take them out of train.json" in build.fix


@pytest.mark.parametrize("kit", ["sums", "circles"])
def test_kits_pass(tmp_path: Path, kit: str) -> None:
    copy(kit, tmp_path / kit)
    found = audit_exam(Study(tmp_path / kit), 2, Surroundings(workers=0, sandbox=best()))
    assert not of(found, Severity.ERROR)
    assert set(of(found, Severity.WARNING)) <= ({"constant answers"} if kit == "sums" else set())
