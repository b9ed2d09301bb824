"""The sandbox that is none: enough of the contract to hold an exam."""

import os
from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.exams.frames import Decoder, Frame, encode
from filial.sandboxes.base import Command, EndedBy, Level, Limits
from filial.testing.sandbox import InProcess, InProcessSandbox


def start(folder: Path, code: str, wall_s: float = 60.0) -> InProcess:
    (folder / "answer.py").write_text(code)
    command = Command(
        argv=("python", "/in/server.py", "answer.py"),
        code=folder,
        pipes=True,
        limits=Limits(wall_s=wall_s),
    )
    return InProcessSandbox().start(command)


def ask(process: InProcess, n: int, question: object) -> Frame | None:
    """Returns the next answer, or None at the end."""
    os.write(process.questions, encode(question, n))  # type: ignore[arg-type]
    decoder = Decoder()
    frame = None
    while frame is None:
        assert process.poll(1.0)
        n_bytes = os.readv(process.answers, [decoder.space()])
        if not n_bytes:
            return None
        frame = decoder.filled(n_bytes)
    return frame


def test_it_owns_up_to_its_level() -> None:
    assert InProcessSandbox().level is Level.L0


def test_answers_until_the_questions_end(tmp_path: Path) -> None:
    with start(
        tmp_path, "n = 0\ndef answer(q):\n    global n\n    n += q\n    return n"
    ) as process:
        assert not process.poll(0)
        answers = [ask(process, n, 2) for n in range(3)]
        process.hang_up()
        outcome = process.wait()
    assert [frame.value for frame in answers if frame] == [2, 4, 6]
    assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 0)


def test_an_answer_larger_than_the_pipe_arrives_whole(tmp_path: Path) -> None:
    with start(tmp_path, "def answer(q): return 'x' * 500_000") as process:
        frame = ask(process, 0, None)
    assert frame is not None
    assert frame.value == "x" * 500_000


def test_two_starts_share_nothing(tmp_path: Path) -> None:
    code = "seen = []\ndef answer(q):\n    seen.append(q)\n    return seen"
    for k in range(2):
        with start(tmp_path, code) as process:
            frame = ask(process, 0, k)
        assert frame is not None
        assert frame.value == [k]


def test_code_that_fails_is_an_answer(tmp_path: Path) -> None:
    with start(tmp_path, "def answer(q) return 1") as process:
        frame = ask(process, 0, None)
    assert frame is not None
    assert frame.raised.startswith("SyntaxError")


@pytest.mark.parametrize(("status", "rc"), [("0", 0), ("3", 3), ("'bye'", 1)])
def test_an_exit_ends_it(tmp_path: Path, status: str, rc: int) -> None:
    with start(tmp_path, f"import sys\ndef answer(q): sys.exit({status})") as process:
        assert ask(process, 0, None) is None
        outcome = process.wait()
    assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, rc)


def test_the_wall_ends_it(tmp_path: Path) -> None:
    with start(tmp_path, "def answer(q): return 1", wall_s=0.0) as process:
        process.poll(0)
        assert process.wait().ended_by is EndedBy.WALL


def test_it_can_be_killed_and_closes_its_ends(tmp_path: Path) -> None:
    with start(tmp_path, "def answer(q): return 1") as process:
        assert process.kill().ended_by is EndedBy.KILLED
        assert process.poll(1.0)
        assert os.read(process.answers, 1) == b""
    assert (process.questions, process.answers) == (-1, -1)


def test_waiting_for_what_never_ends_kills_it(tmp_path: Path) -> None:
    with start(tmp_path, "def answer(q): return 1") as process:
        assert process.wait().ended_by is EndedBy.KILLED
    with start(tmp_path, "def answer(q): return 'x' * 500_000") as process:
        os.write(process.questions, encode(None))
        process.hang_up()
        assert process.wait().ended_by is EndedBy.KILLED


def test_builds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="use a real sandbox"):
        InProcessSandbox().start(Command(argv=("python", "train.py"), code=tmp_path))
