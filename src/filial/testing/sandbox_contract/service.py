"""What a sandbox does for a program, and how it tells the end."""

# A suite: its names say what each test is, and it asserts.
# ruff: noqa: S101, D102

import os
import secrets
import signal
import subprocess  # noqa: TID251 - a caller to kill
import sys
import textwrap
from pathlib import Path
from typing import ClassVar

import pytest

from filial.sandboxes.base import EndedBy
from filial.testing.sandbox_contract.room import SLEEPER, Room, gone, named, within


class ServiceContract:
    """Programs run, talk and end; ``make`` is described in ``SandboxContract``."""

    make: ClassVar[str]

    # What a benign program may do.

    def test_benign_program_uses_threads_children_files_and_scratch(self, room: Room) -> None:
        outcome = room.run("""
            import os, pathlib, subprocess, tempfile, threading
            seen = []
            thread = threading.Thread(target=seen.append, args=(1,))
            thread.start(); thread.join()
            assert seen == [1]
            assert subprocess.run(["/bin/echo", "hi"], capture_output=True).stdout == b"hi\\n"
            with tempfile.TemporaryFile() as file:
                file.write(b"x")
            assert os.getcwd() == os.environ["FILIAL_CODE"]
            here = pathlib.Path(os.environ["FILIAL_OUT"])
            (here / "result").write_text("done")
        """)
        assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 0), outcome
        assert (room.out / "result").read_text() == "done"

    def test_files_are_touched_and_copied(self, room: Room) -> None:
        outcome = room.run("""
            import os, pathlib, shutil
            here = pathlib.Path(os.environ["FILIAL_OUT"])
            (here / "touched").touch()
            (here / "a").write_text("x")
            shutil.copy2(here / "a", here / "b")
        """)
        assert outcome.rc == 0, outcome
        assert sorted(path.name for path in room.out.iterdir()) == ["a", "b", "touched"]

    def test_numpy_is_there(self, room: Room) -> None:
        limits = within(memory_bytes=1 << 30)
        outcome = room.run("import numpy; print(numpy.ones(3).sum())", limits=limits)
        assert outcome.stdout == b"3.0\n", outcome

    def test_data_and_inputs_are_readable(self, room: Room, tmp_path: Path) -> None:
        (room.data / "numbers").write_text("1 2 3")
        tool = tmp_path / "tool.py"
        tool.write_text("import os; print(open(os.environ['FILIAL_DATA'] + '/numbers').read())")
        command = ("python", "/in/tool.py")
        assert room.run("", argv=command, inputs={"tool.py": tool}).stdout == b"1 2 3\n"

    def test_own_variables_are_passed(self, room: Room) -> None:
        program = "import os; print(os.environ['MINE'])"
        assert room.run(program, environment={"MINE": "x"}).stdout == b"x\n"

    def test_standard_input_is_empty(self, room: Room) -> None:
        assert room.run("import sys; print(repr(sys.stdin.read()))").stdout == b"''\n"

    def test_both_ends_of_the_output_are_kept(self, room: Room) -> None:
        outcome = room.run("""
            import sys
            for stream in (sys.stdout, sys.stderr):
                stream.write("first" + "." * 100_000 + "last")
        """)
        assert outcome.ended_by is EndedBy.EXIT
        assert outcome.stdout.startswith(b"first")
        assert outcome.stderr.endswith(b"last")
        assert len(outcome.stdout) == len(outcome.stderr) == 64 << 10

    # How it ends.

    def test_exit_code_is_passed_on(self, room: Room) -> None:
        outcome = room.run("raise SystemExit(7)")
        assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 7)

    def test_death_by_a_signal_is_named(self, room: Room) -> None:
        outcome = room.run("import os; os.abort()")
        assert (outcome.ended_by, outcome.rc) == (EndedBy.SIGNAL, -signal.SIGABRT)

    def test_missing_program_is_an_ordinary_outcome(self, room: Room) -> None:
        outcome = room.run("", argv=("no-such-program",))
        assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 127)

    def test_program_without_the_right_to_run_is_an_ordinary_outcome(self, room: Room) -> None:
        outcome = room.run("", argv=("/box",))
        assert (outcome.ended_by, outcome.rc) == (EndedBy.EXIT, 126)

    def test_kill_leaves_nothing(self, room: Room) -> None:
        token = secrets.token_hex(8)
        with room.start(SLEEPER, token) as process:
            assert not process.poll(0.1)
            assert named(token)
            outcome = process.kill()
            assert outcome.ended_by is EndedBy.KILLED
            assert not named(token)
            assert process.wait() == outcome

    def test_leaving_the_block_kills(self, room: Room) -> None:
        token = secrets.token_hex(8)
        with room.start(SLEEPER, token):
            pass
        assert not named(token)

    def test_nothing_survives_the_death_of_the_caller(self, room: Room) -> None:
        token = secrets.token_hex(8)
        script = f"""
            from pathlib import Path
            from filial.sandboxes.base import Command
            {self.make}
            argv = ("python", "-c", {SLEEPER!r}, {token!r})
            process = sandbox.start(Command(argv=argv, code=Path({str(room.code)!r})))
            print("started", flush=True)
            process.wait()
        """
        program = [sys.executable, "-c", textwrap.dedent(script)]
        with subprocess.Popen(program, stdout=subprocess.PIPE) as caller:  # noqa: S603 - ours
            assert caller.stdout is not None
            assert caller.stdout.readline() == b"started\n"
            # The caller's own arguments name it, too.
            assert len(named(token)) > 1
            caller.kill()
        assert gone(token)

    # Data pipes.

    def test_questions_are_answered(self, room: Room) -> None:
        program = """
            import os
            questions = os.fdopen(int(os.environ["FILIAL_IN"]), "rb")
            answers = int(os.environ["FILIAL_OUT_FD"])
            for line in questions:
                os.write(answers, line.upper())
            os.write(answers, b"bye\\n")
        """
        with room.start(program, pipes=True) as process:
            for word in (b"one\n", b"two\n"):
                os.write(process.questions, word)
                assert process.poll(10.0)
                assert os.read(process.answers, 100) == word.upper()
            assert not process.poll(0.0)
            process.hang_up()
            assert process.wait().ended_by is EndedBy.EXIT
            assert process.poll(0.0), "the last answer can be read after the end"
            assert os.read(process.answers, 100) == b"bye\n"
            assert os.read(process.answers, 100) == b""

    def test_silence_ends_the_wait_for_an_answer(self, room: Room) -> None:
        with room.start(SLEEPER, pipes=True) as process:
            assert not process.poll(0.05)
            with pytest.raises(BlockingIOError):
                os.read(process.answers, 1)

    def test_caller_stuck_on_unread_questions_is_freed(self, room: Room) -> None:
        with room.start(SLEEPER, pipes=True, limits=within(wall_s=0.3)) as process:
            with pytest.raises(BrokenPipeError):
                _write_for_ever(process.questions)
            assert process.wait().ended_by is EndedBy.WALL

    def test_no_descriptors_but_its_own(self, room: Room) -> None:
        program = """
            import os
            opened = set(os.listdir("/proc/self/fd"))
            named = {os.environ["FILIAL_IN"], os.environ["FILIAL_OUT_FD"]}
            print(len(opened - named - {"0", "1", "2"}))
        """
        # One is the listing itself.
        assert room.run(program, pipes=True).stdout == b"1\n"


def _write_for_ever(descriptor: int) -> None:
    while True:
        os.write(descriptor, b"x" * (1 << 16))
