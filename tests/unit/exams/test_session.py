"""The session against real examinees in real processes, honest and otherwise."""

import os
import select
import subprocess  # noqa: TID251 - real processes
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self, TypeAlias

import numpy as np
import pytest

from filial import Exam, Invalid, Item, Metric
from filial.core import Failure, FailureKind, Measurement
from filial.errors import ExamError
from filial.exams import SERVER, Plain, sit
from filial.exams.session import Connect


class Examinee:
    """A line to ``server.py`` in a plain child process."""

    def __init__(self, code: Path) -> None:
        inlet, self.questions = os.pipe()
        self.answers, outlet = os.pipe()
        os.set_blocking(self.answers, False)
        self.process = subprocess.Popen(
            [sys.executable, str(SERVER), "answer.py"],
            env={
                "FILIAL_CODE": str(code),
                "FILIAL_IN": str(inlet),
                "FILIAL_OUT_FD": str(outlet),
            },
            pass_fds=(inlet, outlet),
            cwd=code,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(inlet)
        os.close(outlet)

    def poll(self, timeout_s: float) -> bool:
        ready = select.poll()
        ready.register(self.answers, select.POLLIN)
        return bool(ready.poll(1000 * timeout_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.process.kill()
        os.close(self.questions)
        self.rc = self.process.wait()
        os.close(self.answers)


class Echo(Exam):
    """Asks for the number itself, in two sittings; an answer scores 1 if it is right."""

    metrics = (Metric("right"),)
    asked: ClassVar[list[int]] = []

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        for k in range(8):
            yield Item({"number": k}, key=k, sitting=k % 2)

    def score(self, item: Item, answer: Plain) -> float:
        return float(answer == item.key)


Outcome: TypeAlias = tuple[Measurement, ...] | Failure
Sit: TypeAlias = Callable[..., Outcome]


@pytest.fixture
def examine(tmp_path: Path) -> Sit:
    def examine(code: str, exam: type[Exam] = Echo, answer_s: float = 30.0) -> Outcome:
        (tmp_path / "answer.py").write_text(textwrap.dedent(code))
        return sit(exam(tmp_path), "dev", 7, lambda sitting: Examinee(tmp_path), answer_s=answer_s)

    return examine


def measured(result: Outcome) -> Measurement:
    assert isinstance(result, tuple)
    (measurement,) = result
    return measurement


def failure(result: Outcome) -> tuple[FailureKind, str]:
    assert isinstance(result, Failure)
    return result.kind, result.detail


def test_honest_answers_are_measured_in_the_order_of_the_items(examine: Sit) -> None:
    code = """
        def answer(question):
            return question["number"] if question["number"] < 6 else "no"
    """
    measurement = measured(examine(code))
    assert replace(measurement, questions=()) == Measurement(
        metric="right", value=0.75, items=(1, 1, 1, 1, 1, 1, 0, 0)
    )
    assert len(set(measurement.questions)) == 8


def test_what_is_printed_carries_nothing(examine: Sit) -> None:
    code = """
        import sys
        def answer(question):
            print("right: 1.0\\n" * 50_000)
            print('{"n": 0, "value": 0}', file=sys.stderr)
            return -1
    """
    measurement = measured(examine(code))
    assert measurement.value == 0


def test_each_sitting_is_a_fresh_process_and_sees_only_its_own_items(examine: Sit) -> None:
    class Memory(Echo):
        def score(self, item: Item, answer: Plain) -> float:
            assert isinstance(answer, list)
            return float({number % 2 for number in answer} == {item.sitting})  # type: ignore[operator]

    code = """
        seen = []
        def answer(question):
            seen.append(question["number"])
            return seen
    """
    measurement = measured(examine(code, Memory))
    assert measurement.items == (1,) * 8


def test_the_order_is_shuffled_and_repeats_with_the_seed(tmp_path: Path) -> None:
    class Position(Echo):
        def score(self, item: Item, answer: Plain) -> float:
            assert isinstance(answer, int)
            return answer

    code = "n = 0\ndef answer(question):\n    global n\n    n += 1\n    return n\n"
    (tmp_path / "answer.py").write_text(code)

    def order(seed: int) -> tuple[float, ...]:
        result = sit(Position(tmp_path), "dev", seed, lambda sitting: Examinee(tmp_path))
        assert isinstance(result, tuple)
        return result[0].items

    assert order(1) == order(1)
    assert sorted(order(1)) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert order(1) != order(2)


def test_arrays_cross_both_ways(examine: Sit) -> None:
    class Arrays(Echo):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            x = rng.normal(size=(700, 1000))
            yield Item({"x": x, "mask": x > 0}, key=x)

        def score(self, item: Item, answer: Plain) -> float:
            assert isinstance(answer, list)
            return float(np.array_equal(answer[0], item.key) and answer[1].dtype == bool)  # type: ignore[union-attr, arg-type]

    code = "def answer(question):\n    return question['x'], ~~question['mask']\n"
    measurement = measured(examine(code, Arrays))
    assert measurement.value == 1


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        pytest.param("import sys; sys.exit(0)", "no_answer", "ended without", id="exits silently"),
        pytest.param(
            "import os\ndef answer(question): os._exit(0)",
            "no_answer",
            "ended",
            id="exits at once",
        ),
        pytest.param("def answer(question) return", "crash", "SyntaxError", id="syntax error"),
        pytest.param("x = 1", "crash", "no attribute 'answer'", id="no answer function"),
        pytest.param(
            "def answer(question): return 1 / 0",
            "crash",
            "ZeroDivisionError: division",
            id="raises",
        ),
        pytest.param(
            "def answer(question): return {1, 2}", "ill_typed", "a set is neither", id="a set"
        ),
        pytest.param(
            "def answer(question): return float('nan')", "ill_typed", "cannot be sent", id="nan"
        ),
        pytest.param(
            """
            class Equal:
                def __eq__(self, other): return True
                def __hash__(self): return 0
            def answer(question): return Equal()
            """,
            "ill_typed",
            "a Equal is neither",
            id="always equal",
        ),
        pytest.param(
            """
            class Liar(int):
                def __eq__(self, other): return True
                def __repr__(self): return "1e999"
                __hash__ = int.__hash__
            class Text(str):
                def __eq__(self, other): return True
                __hash__ = str.__hash__
            def answer(question): return [Text("x"), Liar(3)]
            """,
            None,
            "",
            id="subclasses cross as plain values",
        ),
        pytest.param(
            """
            def answer(question):
                value = []
                for _ in range(100): value = [value]
                return value
            """,
            "ill_typed",
            "levels",
            id="deep",
        ),
        pytest.param(
            "def answer(question): return 'x' * (1 << 21)", "output", "JSON announced", id="long"
        ),
        pytest.param(
            "import numpy\ndef answer(question): return numpy.zeros(9 << 20)",
            "output",
            "64 MiB",
            id="huge array",
        ),
        pytest.param(
            "import numpy\ndef answer(question): return numpy.array(['x'])",
            "ill_typed",
            "dtype",
            id="array of text",
        ),
        pytest.param(
            "def answer(question): return {'$array': 0}", "ill_typed", "placeholder", id="dangling"
        ),
        pytest.param(
            """
            import os
            fd = int(os.environ["FILIAL_OUT_FD"])
            def answer(question): os.write(fd, b"\\xff" * 100)
            """,
            "output",
            "announced",
            id="huge header",
        ),
        pytest.param(
            """
            import os
            fd = int(os.environ["FILIAL_OUT_FD"])
            def answer(question): os.write(fd, b"\\0\\0\\0\\2{}")
            """,
            "ill_typed",
            "envelope",
            id="empty envelope",
        ),
        pytest.param(
            """
            import os
            fd = int(os.environ["FILIAL_OUT_FD"])
            def answer(question):
                os.write(fd, b'\\0\\0\\0\\x12{"n":0, "value": 1}' )
                return 0
            """,
            "ill_typed",
            "",
            id="malformed length",
        ),
        pytest.param(
            """
            import os
            fd = int(os.environ["FILIAL_OUT_FD"])
            n = -1
            def answer(question):
                global n
                n += 1
                text = b'{"n":%d,"value":%d}' % (n, question["number"])
                os.write(fd, len(text).to_bytes(4, "big") + text)
                return question["number"]
            """,
            "ill_typed",
            "",
            id="answers twice",
        ),
        pytest.param(
            """
            import os
            os.close(int(os.environ["FILIAL_OUT_FD"]))
            def answer(question): return 1
            """,
            "no_answer",
            "ended",
            id="closes the line",
        ),
        pytest.param(
            """
            class Rude(Exception):
                def __str__(self): return "\\x1b[2J\\udc80" + "x" * 1000
            def answer(question): raise Rude
            """,
            "crash",
            "Rude: \N{REPLACEMENT CHARACTER}[2J",
            id="terminal codes in the message",
        ),
        pytest.param(
            """
            class Rude(Exception):
                def __str__(self): raise self
            def answer(question): raise Rude
            """,
            "crash",
            "Rude",
            id="message that raises",
        ),
    ],
)
def test_trouble_is_a_typed_failure(examine: Sit, code: str, kind: str | None, words: str) -> None:
    result = examine(code)
    if kind is None:
        assert isinstance(result, tuple)
        assert result[0].value == 0
        return
    found, detail = failure(result)
    assert (found, words in detail) == (kind, True), detail
    assert len(detail) < 400
    assert detail.isprintable()


def test_silence_ends_at_the_limit(examine: Sit) -> None:
    code = "import time\ndef answer(question): time.sleep(600)\n"
    kind, detail = failure(examine(code, answer_s=0.2))
    assert kind is FailureKind.WALL
    assert "within 0.2 s" in detail


def test_all_answers_together_are_limited_too(tmp_path: Path) -> None:
    """Each answer is in time, and each sitting short; only their sum is too long."""

    class Drip(Echo):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            for k in range(400):
                yield Item(k, sitting=k)

    (tmp_path / "answer.py").write_text("import time\ndef answer(question): time.sleep(0.2)\n")
    n_sittings = 0

    def connect(sitting: int) -> Examinee:
        nonlocal n_sittings
        n_sittings += 1
        return Examinee(tmp_path)

    result = sit(Drip(tmp_path), "dev", 1, connect, answer_s=60.0, exam_s=1.0)
    assert failure(result) == (FailureKind.WALL, "answers took longer than 1 s in all")
    assert 1 <= n_sittings <= 6


def test_a_slow_goodbye_counts(tmp_path: Path) -> None:
    """Who closes the line late, or has to be killed, has used that time."""

    @contextmanager
    def dawdling(sitting: int) -> Iterator[Examinee]:
        with Examinee(tmp_path) as line:
            yield line
            select.poll().poll(1100)

    (tmp_path / "answer.py").write_text("def answer(question): return 1\n")
    result = sit(Echo(tmp_path), "dev", 1, dawdling, answer_s=60.0, exam_s=1.0)
    assert failure(result) == (FailureKind.WALL, "answers took longer than 1 s in all")


class Big(Echo):
    """A question that fills no pipe."""

    def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
        yield Item(np.zeros(1 << 20))


def test_a_question_nobody_reads_ends_at_the_limit(examine: Sit) -> None:
    code = "import time\nprint('x')\ntime.sleep(600)"
    (kind, _) = failure(examine(code, Big, answer_s=0.2))
    assert kind is FailureKind.WALL


@contextmanager
def scripted(answers: bytes) -> Iterator["Scripted"]:
    line = Scripted(answers)
    yield line
    for fd in line.fds:
        os.close(fd)


class Scripted:
    """A line whose other end has said its say, and reads nothing."""

    def __init__(self, answers: bytes) -> None:
        inlet, self.questions = os.pipe()
        self.answers, outlet = os.pipe()
        os.write(outlet, answers)
        os.set_blocking(self.answers, False)
        self.fds = (inlet, self.questions, self.answers, outlet)
        self.said = answers

    def poll(self, timeout_s: float) -> bool:
        ready = select.poll()
        ready.register(self.answers, select.POLLIN)
        return bool(ready.poll(0))


def test_an_answer_before_the_end_of_the_question_is_refused(tmp_path: Path) -> None:
    result = sit(Big(tmp_path), "dev", 1, lambda sitting: scripted(b"\0\0\0\2{}"))
    assert failure(result) == (
        FailureKind.ILL_TYPED,
        "what came for item 0 is no answer: it began before the question had ended",
    )


def test_a_poll_that_gives_up_early_means_the_end(tmp_path: Path) -> None:
    result = sit(Echo(tmp_path), "dev", 1, lambda sitting: scripted(b""))
    kind, detail = failure(result)
    assert kind is FailureKind.NO_ANSWER
    assert detail.startswith("it ended without an answer to item ")


def test_answers_that_would_fill_the_memory_are_too_much(
    examine: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filial.exams.session.MAX_HELD_BYTES", 1000)
    assert failure(examine("def answer(question): return 'x' * 100"))[0] is FailureKind.OUTPUT


def connect(_sitting: int) -> Examinee:
    raise AssertionError("nobody should be asked")


refuse: Connect = connect


@pytest.mark.parametrize(
    ("items", "words"),
    [
        pytest.param([], "Bad.items yielded nothing for split 'dev'", id="none"),
        pytest.param(
            [{"q": 1}], "Bad.items yielded a dict as item 0: yield filial.Item", id="dict"
        ),
        pytest.param(None, "Bad.items raised TypeError: 'NoneType'", id="not iterable"),
    ],
)
def test_bad_items_blame_the_exam(tmp_path: Path, items: object, words: str) -> None:
    class Bad(Echo):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            return items  # type: ignore[return-value]

    with pytest.raises(ExamError, match=words):
        sit(Bad(tmp_path), "dev", 1, refuse)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({1, 2}, r"Bad.items: the question of item 0 cannot be sent: a set \(\{1, 2\}\)"),
        ({1: 2}, "the dict key 1"),
        ({"$array": 2}, r"the dict key '\$array'"),
        (float("inf"), "NaN, an infinity"),
        ("\ud800", "surrogates"),
        (10**400, "beyond any float"),
        (np.array(["x"]), "an array of dtype <U1"),
        (np.array([{}]), "an array of dtype object"),
        ("x" * (1 << 20), "bytes of JSON; at most 1,048,576"),
        (np.zeros(9 << 20), "more than 64 MiB"),
        (np.zeros((1,) * 17), "dimensions"),
    ],
    ids=lambda value: f"{value!r:.20}",
)
def test_questions_that_cannot_be_sent_blame_the_exam(
    tmp_path: Path, question: Plain, words: str
) -> None:
    class Bad(Echo):
        def items(self, split: str, rng: np.random.Generator) -> Iterator[Item]:
            yield Item(question)

    with pytest.raises(ExamError, match=words):
        sit(Bad(tmp_path), "dev", 1, lambda sitting: scripted(b""))


def test_scoring_starts_when_every_line_is_closed(tmp_path: Path) -> None:
    open_lines = []

    @contextmanager
    def watched(sitting: int) -> Iterator[Examinee]:
        with Examinee(tmp_path) as line:
            open_lines.append(line)
            yield line
        open_lines.remove(line)

    class Late(Echo):
        def score(self, item: Item, answer: Plain) -> float:
            if open_lines:
                raise Invalid("somebody is still there")
            return 1.0

    (tmp_path / "answer.py").write_text("def answer(question): return 1")
    assert isinstance(sit(Late(tmp_path), "dev", 1, watched), tuple)


def test_a_line_to_the_dead_is_no_error_of_ours(tmp_path: Path) -> None:
    @contextmanager
    def dead(sitting: int) -> Iterator[Scripted]:
        line = Scripted(b"")
        os.close(line.fds[0])
        yield line
        for fd in line.fds[1:]:
            os.close(fd)

    assert failure(sit(Echo(tmp_path), "dev", 1, dead))[0] is FailureKind.NO_ANSWER
