"""The exam of bytelm: what counts as an answer, what is caught, and that nothing leaks."""

import importlib.util
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest

import filial
from filial import Exam, Invalid, Item
from filial.config import load
from filial.errors import StudyError
from filial.exams import load_exam
from filial.proposers.parts import read_parts

KIT = Path(filial.__file__).parent / "kits" / "bytelm"
LENGTH = 128
PACKAGES = ("networkx", "jinja2", "sympy", "torch")

Rows: TypeAlias = npt.NDArray[np.float32]


@pytest.fixture
def exam(tmp_path: Path) -> Exam:
    rng = np.random.default_rng(0)
    for name in ("dev", "confirm", "sealed", "packages", "cpp", "prose"):
        (tmp_path / f"{name}.bin").write_bytes(rng.integers(0, 256, 4000, np.uint8).tobytes())
    return load_exam("exam.py:NextByte", KIT)(tmp_path)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    for name in PACKAGES:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"needs {name}")
    public, private = tmp_path_factory.mktemp("public"), tmp_path_factory.mktemp("private")
    load_exam("exam.py:NextByte", KIT).prepare(public, private)
    return public, private


def draw(exam: Exam, seed: int = 0) -> list[Item]:
    return list(exam.items("dev", np.random.default_rng(seed)))


def sent(item: Item) -> npt.NDArray[np.uint8]:
    question: Any = item.question
    assert isinstance(question, dict)
    assert set(question) == {"bytes"}
    data: npt.NDArray[np.uint8] = question["bytes"]
    assert data.dtype == np.uint8
    assert data.ndim == 1
    return data


def key(item: Item) -> Any:
    return item.key


def uniform(item: Item) -> Rows:
    return np.full((len(sent(item)), 256), -math.log(256), np.float32)


def echo(item: Item) -> Rows:
    """Nine parts in ten on the byte just read: causal, honest, cheap."""
    x = sent(item)
    rows = np.full((len(x), 256), math.log(0.1 / 255), np.float32)
    rows[np.arange(len(x)), x] = math.log(0.9)
    return rows


def prescient(item: Item, positions: npt.NDArray[np.intp]) -> Rows:
    """As ``echo``, but at some positions sure of the byte after, if that was sent too."""
    rows, x = echo(item), sent(item)
    for t in positions[positions + 1 < len(x)]:
        rows[t] = math.log(0.01 / 255)
        rows[t, x[t + 1]] = math.log(0.99)
    return rows


def files(folder: Path) -> dict[str, bytes]:
    """Content of every file below the folder, by path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def refusal(exam: Exam, items: list[Item], answer: Callable[[Item], Rows]) -> str:
    """Why the exam refuses a candidate that answers like this; fails if it does not."""
    answers = [answer(item) for item in items]
    with pytest.raises(Invalid) as caught:  # noqa: PT012 - any of the answers may be the one
        for item, rows in zip(items, answers, strict=True):
            exam.score(item, rows)
    return str(caught.value)


class TestQuestions:
    def test_they_are_full_windows_first_and_then_prefixes_of_some_of_them(
        self, exam: Exam
    ) -> None:
        items = draw(exam)
        first = [item for item in items if item.sitting == 0]
        again = [item for item in items if item.sitting == 1]
        assert len(first) + len(again) == len(items)
        assert {len(sent(item)) for item in first} == {LENGTH}
        whole = {key(item).window: sent(item) for item in first}
        assert len(again) >= 128
        for item in again:
            x = sent(item)
            assert 1 <= len(x) < LENGTH
            assert (x == whole[key(item).window][: len(x)]).all()

    def test_the_last_target_is_never_sent(self, exam: Exam) -> None:
        for item in draw(exam):
            if item.sitting == 0:
                targets = key(item).targets
                assert len(targets) == LENGTH
                assert (targets[:-1] == sent(item)[1:]).all()
                assert not np.shares_memory(targets, sent(item))

    def test_the_same_state_gives_the_same_questions_and_another_others(self, exam: Exam) -> None:
        a, b, c = draw(exam, 1), draw(exam, 1), draw(exam, 2)
        assert all((sent(i) == sent(j)).all() for i, j in zip(a, b, strict=True))
        assert not all(np.array_equal(sent(i), sent(j)) for i, j in zip(a, c, strict=True))

    def test_panels_and_primary_windows_come_mixed(self, exam: Exam) -> None:
        names = [key(item).metric for item in draw(exam) if item.sitting == 0]
        assert {*names[:100]} == {"bits_per_byte", "packages", "cpp", "prose"}


class TestScores:
    def test_uniform_costs_eight_bits_on_every_panel(self, exam: Exam) -> None:
        for item in draw(exam):
            score: Any = exam.score(item, uniform(item))
            if item.sitting == 0:
                assert score == {key(item).metric: pytest.approx(8.0, abs=1e-6)}
            else:
                assert score == {}

    def test_bits_by_hand(self, exam: Exam) -> None:
        item = draw(exam)[0]
        hits = int((key(item).targets == sent(item)).sum())
        bits = -(hits * math.log2(0.9) + (LENGTH - hits) * math.log2(0.1 / 255)) / LENGTH
        score: Any = exam.score(item, echo(item))
        assert score == {key(item).metric: pytest.approx(bits, rel=1e-6)}

    def test_slack_within_the_tolerance_pays_nothing(self, exam: Exam) -> None:
        item = draw(exam)[0]
        slack = (uniform(item) + np.float32(9e-5)).astype(np.float32)
        score: Any = exam.score(item, slack)
        assert score == {key(item).metric: pytest.approx(8.0, abs=1e-6)}

    def test_a_causal_answer_passes_from_end_to_end(self, exam: Exam) -> None:
        for item in draw(exam):
            exam.score(item, echo(item))


class TestAnswersThatAreNone:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (None, "expected an array"),
            ("0", "expected an array"),
            ([[0.0] * 256] * LENGTH, "expected an array"),
            (np.zeros((LENGTH, 256), np.float64), "expected float32"),
            (np.zeros((LENGTH, 255), np.float32), "expected float32"),
            (np.zeros((LENGTH - 1, 256), np.float32), "expected float32"),
            (np.zeros((1, LENGTH, 256), np.float32), "expected float32"),
            (np.zeros((0, 256), np.float32), "expected float32"),
            (np.zeros((LENGTH, 256), np.float32), "not a distribution"),
            (np.full((LENGTH, 256), np.nan, np.float32), "finite"),
            (np.full((LENGTH, 256), -np.inf, np.float32), "finite"),
            (np.full((LENGTH, 256), np.inf, np.float32), "finite"),
            (np.full((LENGTH, 256), -3e38, np.float32), "not a distribution"),
            (np.full((LENGTH, 256), 3e38, np.float32), "not a distribution"),
        ],
    )
    def test_they_are_refused(self, exam: Exam, answer: Any, reason: str) -> None:
        with pytest.raises(Invalid, match=reason):
            exam.score(draw(exam)[0], answer)

    def test_one_row_that_sums_to_more_than_one_is_named(self, exam: Exam) -> None:
        item = draw(exam)[0]
        rows = uniform(item)
        rows[17] += np.float32(2e-4)
        with pytest.raises(Invalid, match=r"logsumexp of row 17 is 0\.000"):
            exam.score(item, rows)

    def test_probability_one_on_the_true_byte_alone_is_no_distribution(self, exam: Exam) -> None:
        item = draw(exam)[0]
        rows = uniform(item)
        rows[np.arange(LENGTH), key(item).targets] = 0.0
        with pytest.raises(Invalid, match="not a distribution"):
            exam.score(item, rows)


class TestLookingAhead:
    def test_everywhere(self, exam: Exam) -> None:
        reason = refusal(exam, draw(exam), lambda item: prescient(item, np.arange(0, LENGTH, 2)))
        assert "not causal" in reason

    @pytest.mark.parametrize("seed", range(4))
    def test_at_one_position_in_twenty_is_nearly_always_caught(
        self, exam: Exam, seed: int
    ) -> None:
        positions = np.random.default_rng(seed).permutation(LENGTH)[: LENGTH // 20]
        reason = refusal(exam, draw(exam, seed), lambda item: prescient(item, positions))
        assert "not causal" in reason

    def test_through_a_mean_over_the_whole_window(self, exam: Exam) -> None:
        def warm(item: Item) -> Rows:
            tilt = 0.01 * float(sent(item).mean()) / 255
            rows = uniform(item).astype(np.float64)
            rows[:, :128] += tilt
            rows -= np.log(np.exp(rows).sum(-1, keepdims=True))
            return rows.astype(np.float32)

        assert "not causal" in refusal(exam, draw(exam), warm)

    def test_through_memory_of_earlier_questions(self, exam: Exam) -> None:
        asked: dict[int, int] = {0: 0, 1: 0}

        def learning(item: Item) -> Rows:
            asked[item.sitting] += 1
            return uniform(item) if asked[item.sitting] < 100 else echo(item)

        assert "earlier questions" in refusal(exam, draw(exam), learning)

    def test_knowing_the_hidden_text_by_heart_is_implausible(self, exam: Exam) -> None:
        def by_heart(item: Item) -> Rows:
            rows = np.full((len(sent(item)), 256), math.log(0.1 / 255), np.float32)
            rows[np.arange(len(rows)), key(item).targets[: len(rows)]] = math.log(0.9)
            return rows

        assert "implausible" in refusal(exam, draw(exam), by_heart)


@pytest.mark.torch
class TestData:
    def test_builds_get_the_training_text_alone(self, folders: tuple[Path, Path]) -> None:
        public, private = folders
        assert [path.name for path in public.iterdir()] == ["train.bin"]
        assert sorted(path.stem for path in private.glob("*.bin")) == [
            "confirm",
            "cpp",
            "dev",
            "packages",
            "prose",
            "sealed",
        ]

    @pytest.mark.slow
    def test_it_is_the_same_every_time(self, folders: tuple[Path, Path], tmp_path: Path) -> None:
        public, private = folders
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        load_exam("exam.py:NextByte", KIT).prepare(tmp_path / "a", tmp_path / "b")
        for original, copy in ((public, tmp_path / "a"), (private, tmp_path / "b")):
            assert files(copy) == files(original)

    def test_no_hidden_file_stands_in_the_training_text(self, folders: tuple[Path, Path]) -> None:
        public, private = folders
        train = (public / "train.bin").read_bytes()
        names = ("dev", "confirm", "sealed")
        hidden = b"".join((private / f"{name}.bin").read_bytes() for name in names)
        paragraphs = [p for p in hidden.split(b"\n\n") if len(p) > 500]
        leaked = sum(p in train for p in paragraphs[::10])
        assert leaked <= 0.02 * len(paragraphs[::10])  # licence headers recur

    def test_the_training_text_is_most_of_it_and_the_panels_are_bounded(
        self, folders: tuple[Path, Path]
    ) -> None:
        public, private = folders
        train = (public / "train.bin").stat().st_size
        sizes = {path.stem: path.stat().st_size for path in private.glob("*.bin")}
        assert train > sizes["dev"] + sizes["confirm"] + sizes["sealed"]
        assert min(sizes.values()) > 100_000
        assert sizes["packages"] <= 4_000_000

    def test_a_missing_package_is_named_with_the_command_that_installs_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def find_nothing(name: str) -> None:
            return None

        monkeypatch.setattr(importlib.util, "find_spec", find_nothing)
        with pytest.raises(StudyError, match=r"networkx.*pip install"):
            load_exam("exam.py:NextByte", KIT).prepare(tmp_path, tmp_path)


class TestStudy:
    def test_its_settings_load_and_name_what_exists(self) -> None:
        settings = load(KIT / "study.toml")
        paths = [path for surface in settings.surfaces.values() for path in surface]
        assert sorted(paths) == ["data.py", "loss.py", "model.py", "optim.py", "train.py"]
        assert all((KIT / "code" / path).is_file() for path in paths)

    def test_every_alternative_has_a_counterpart_and_a_prediction(self) -> None:
        n = 0
        for path in sorted((KIT / "parts").glob("*.py")):
            code = (KIT / "code" / path.name).read_text()
            for alternative in read_parts(path.name, path.read_text()):
                n += 1
                assert f"{alternative.name} " in code.replace("(", " ").replace(":", " ")
                assert alternative.expected is not None
                assert alternative.expected[0] == "bits_per_byte"
        assert n >= 20
