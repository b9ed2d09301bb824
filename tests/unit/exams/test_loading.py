"""Finding the exam class that a study names."""

import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from filial.errors import ConfigError, ExamError, StudyError
from filial.exams import digest, load_exam

EXAM = """
import filial

class Sums(filial.Exam):
    metrics = [filial.Metric("accuracy")]

    def items(self, split, rng):
        yield filial.Item(1)

    def score(self, item, answer):
        return 1.0

class Half(filial.Exam):
    metrics = [filial.Metric("accuracy")]

    def items(self, split, rng):
        yield filial.Item(1)

class Bare(Sums):
    metrics = []

Other = int
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str = EXAM, name: str = "exam.py") -> Path:
        (tmp_path / name).write_text(textwrap.dedent(text))
        return tmp_path

    return write


def test_loads_the_class(write: Write) -> None:
    exam = load_exam("exam.py:Sums", write())
    assert exam.__name__ == "Sums"
    assert exam.metrics[0].name == "accuracy"


@pytest.mark.parametrize(
    ("reference", "kind", "words"),
    [
        ("exam.py", ConfigError, 'write it like "exam.py:NextByte"'),
        ("../exam.py:Sums", ConfigError, "write it like"),
        ("exam:Sums", ConfigError, "write it like"),
        ("exams.py:Sums", ConfigError, "there is no file .*exams.py"),
        ("exam.py:Sum", ConfigError, "has no class 'Sum'; did you mean 'Sums'?"),
        ("exam.py:Zzz", ConfigError, "has no class 'Zzz'; define it there"),
        ("exam.py:Other", ConfigError, "Other is no subclass of filial.Exam"),
        ("exam.py:Half", ExamError, "exam.py: Half does not define score"),
        ("exam.py:Bare", ExamError, "Bare.metrics is missing or empty"),
    ],
)
def test_a_wrong_reference_says_what_to_do(
    write: Write, reference: str, kind: type[StudyError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        load_exam(reference, write())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\nclass Sums(:\n", r"^exam\.py:2: invalid syntax; the exam cannot be loaded$"),
        ("x = 1\n\n1 / 0\n", r"^the exam cannot be loaded: ZeroDivisionError: .* \(exam\.py:3\)$"),
        ("import nowhere_at_all", r"ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = '\0'", "the exam cannot be loaded"),
    ],
)
def test_a_file_that_does_not_run_says_where(write: Write, text: str, words: str) -> None:
    with pytest.raises(ExamError, match=words):
        load_exam("exam.py:Sums", write(text))


def test_an_exam_may_import_what_lies_beside_it_and_leaves_no_trace(
    write: Write, tmp_path: Path
) -> None:
    write("METRIC = 'beside'", "exam_names.py")
    write("import exam_names\n" + EXAM.replace('"accuracy"', "exam_names.METRIC"))
    path = list(sys.path)
    assert load_exam("exam.py:Sums", tmp_path).metrics[0].name == "beside"
    assert sys.path == path
    assert "exam_names" not in sys.modules
    assert sorted(p.name for p in tmp_path.iterdir()) == ["exam.py", "exam_names.py"]


def test_a_changed_file_is_read_anew(write: Write, tmp_path: Path) -> None:
    load_exam("exam.py:Sums", write())
    times = (tmp_path / "exam.py").stat().st_mtime
    write(EXAM.replace("accuracy", "accurate"))
    os.utime(tmp_path / "exam.py", (times, times))
    assert load_exam("exam.py:Sums", tmp_path).metrics[0].name == "accurate"


def test_the_digest_covers_every_file_an_exam_can_import(write: Write) -> None:
    folder = write()
    (folder / "code").mkdir()
    first = digest(folder)
    (folder / "code" / "answer.py").write_text("x = 1")
    (folder / "notes.txt").write_text("x")
    assert digest(folder) == first
    write("x = 1", "exam_names.py")
    second = digest(folder)
    assert second != first
    (folder / "exam_names.py").rename(folder / "exam_name.py")
    assert digest(folder) != second


@pytest.mark.parametrize("is_regular", [True, False])
def test_a_package_beside_an_exam_belongs_to_it_alone(tmp_path: Path, is_regular: bool) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "lib" / "deep").mkdir(parents=True)
        if is_regular:
            (tmp_path / name / "lib" / "__init__.py").write_text("")
        (tmp_path / name / "lib" / "deep" / "names.py").write_text(f"METRIC = {name!r}")
        text = EXAM.replace('"accuracy"', "lib.deep.names.METRIC")
        (tmp_path / name / "exam.py").write_text("import lib.deep.names\n" + text)
    for name in ("one", "two"):
        assert load_exam("exam.py:Sums", tmp_path / name).metrics[0].name == name
        assert not [module for module in sys.modules if module.partition(".")[0] == "lib"]


def test_packages_installed_below_a_study_stay_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / ".venv" / "site-packages"
    (site / "installed_here").mkdir(parents=True)
    (site / "installed_here" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(site))
    (tmp_path / "exam.py").write_text("import installed_here\n" + EXAM)
    load_exam("exam.py:Sums", tmp_path)
    assert sys.modules.pop("installed_here")


def test_the_digest_covers_packages_but_not_what_is_recorded_elsewhere(write: Write) -> None:
    folder = write()
    first = digest(folder)
    for name in ("code", "parts", ".filial", "lineage.git"):
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "deep" / "a.py").write_text("x = 1")
    assert digest(folder) == first
    (folder / "lib" / "code").mkdir(parents=True)
    (folder / "lib" / "code" / "names.py").write_text("x = 1")
    second = digest(folder)
    assert second != first
    (folder / "lib" / "code" / "names.py").write_text("x = 2")
    third = digest(folder)
    assert third != second
    (folder / "lib" / "code" / "names.py").rename(folder / "lib" / "names.py")
    assert digest(folder) not in {second, third}
