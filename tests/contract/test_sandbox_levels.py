"""The sandbox contract at the two ends: L1 keeps part of it, an OCI runtime nearly all."""

import os
import subprocess  # noqa: TID251 - a caller to kill
import sys
import textwrap
import time
from functools import cache
from pathlib import Path
from typing import ClassVar

import pytest

from filial.errors import SandboxError
from filial.sandboxes import EndedBy, Level, Oci, Posix, Sandbox
from filial.testing.sandbox_contract import SandboxContract
from filial.testing.sandbox_contract.ceilings import CeilingContract
from filial.testing.sandbox_contract.harm import HarmContract
from filial.testing.sandbox_contract.room import SLEEPER, Room, gone, named, within
from filial.testing.sandbox_contract.service import ServiceContract


@cache
def _oci(*runtime: str) -> Oci:
    try:
        return Oci(runtime)
    except SandboxError as error:
        pytest.skip(str(error))


class _Partial(ServiceContract, CeilingContract):
    """What L1 keeps: programs are served and limited; nothing is hidden or protected."""

    @pytest.fixture
    def room(self, sandbox: Sandbox, tmp_path: Path) -> Room:
        return Room(sandbox, tmp_path)

    def test_session_is_its_own(self, room: Room) -> None:
        program = "import os; print(os.getsid(0) == os.getpgrp(), os.getsid(0))"
        is_leader, session = room.run(program).stdout.split()
        assert is_leader == b"True"
        assert int(session) != os.getsid(0)

    def test_environment_of_the_caller_is_not_passed_on(
        self, room: Room, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SOME_API_KEY", "sk-sealed")
        assert "sk-sealed" not in room.try_to("import os; print(dict(os.environ))")

    def test_nothing_can_be_hidden(self, room: Room) -> None:
        with pytest.raises(SandboxError, match="needs level L3"):
            room.run("", masks={Path("/usr/share"): None})


class TestPosix(_Partial):
    make = "from filial.sandboxes import Posix; sandbox = Posix()"
    test_daemon_after_the_end = HarmContract.test_daemon_after_the_end

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Posix()


class TestPosixElsewhere(_Partial):
    """Without subreapers, process descriptors and ``/proc``, as on macOS."""

    make = "from filial.sandboxes import Posix; sandbox = Posix('darwin')"

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Posix("darwin")

    @pytest.mark.parametrize("reaping", ["SIG_DFL", "SIG_IGN"])
    def test_cpu_time_of_many_processes_is_summed(self, room: Room, reaping: str) -> None:
        # The ps of Linux counts whole seconds: on a busy machine they take a while.
        program = f"""
            import os, signal, time
            signal.signal(signal.SIGCHLD, signal.{reaping})
            for _ in range(2):
                if os.fork() == 0:
                    while True: pass
            time.sleep(600)
        """
        outcome = room.run(program, limits=within(cpu_s=1.5, wall_s=300.0))
        assert outcome.ended_by is EndedBy.CPU
        assert outcome.cpu_s >= 1.5

    def test_cpu_time_of_the_dead_counts(self, room: Room) -> None:
        pytest.skip("the dead are seen only if a reading caught them")

    def test_shared_pages_count_once(self, room: Room) -> None:
        pytest.skip("ps counts them once for each process")


def _scratch(room: Room) -> Path:
    """Where the bundles are; the runtime's processes name it."""
    return room.code.parent / "scratch"


class _Contained(SandboxContract):
    """An OCI runtime. What the contract finds by names of processes is looked for outside."""

    runtime: ClassVar[tuple[str, ...]]

    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return _oci(*self.runtime)

    @pytest.fixture(autouse=True)
    def own_temporary_folder(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        _scratch(room).mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(_scratch(room)))

    def test_no_descriptors_but_its_own(self, room: Room) -> None:
        program = """
            import os, sys
            opened = set(os.listdir("/proc/self/fd"))
            named = {os.environ["FILIAL_IN"], os.environ["FILIAL_OUT_FD"]}
            print(len(opened - named - {"0", "1", "2"}))
        """
        outcome = room.run(program, pipes=True)
        assert outcome.stdout == b"", "it is the pipe of the answers"
        assert outcome.stderr == b"1\n"

    def test_fork_bomb(self, room: Room) -> None:
        program = """
            import os, time
            for _ in range(200):
                try:
                    if os.fork() == 0: time.sleep(60)
                except OSError:
                    pass
            time.sleep(60)
        """
        outcome = room.run(program, limits=within(wall_s=5.0))
        assert outcome.ended_by in {EndedBy.WALL, EndedBy.MEMORY}, "nobody counts inside"

    def test_kill_leaves_nothing(self, room: Room) -> None:
        scratch = _scratch(room)
        with room.start(SLEEPER) as process:
            assert not process.poll(0.1)
            assert named(str(scratch))
            assert process.kill().ended_by is EndedBy.KILLED
            assert not named(str(scratch))
        assert list(scratch.iterdir()) == []

    @pytest.mark.parametrize("waits", [True, False])
    def test_daemon_after_the_end(self, room: Room, waits: bool) -> None:
        scratch = _scratch(room)
        program = f"""
            import os, time
            if os.fork() == 0:
                os.setsid()
                print("alive", flush=True)
                time.sleep(600)
            time.sleep(600 if {waits} else 0.2)
        """
        outcome = room.run(program, limits=within(wall_s=5.0 if waits else 20.0))
        assert outcome.ended_by is (EndedBy.WALL if waits else EndedBy.EXIT)
        assert outcome.stdout == b"alive\n"
        assert not named(str(scratch))

    def test_nothing_survives_the_death_of_the_caller(self, room: Room) -> None:
        scratch = _scratch(room)
        script = f"""
            import tempfile
            from pathlib import Path
            from filial.sandboxes import Command
            {self.make}
            tempfile.tempdir = {str(scratch)!r}
            command = Command(argv=("sleep", "600"), code=Path({str(room.code)!r}))
            process = sandbox.start(command)
            print("started", flush=True)
            process.wait()
        """
        program = [sys.executable, "-c", textwrap.dedent(script)]
        with subprocess.Popen(program, stdout=subprocess.PIPE) as caller:
            assert caller.stdout is not None
            assert caller.stdout.readline() == b"started\n"
            # The caller's own arguments name it, too.
            assert len(named(str(scratch))) > 1
            caller.kill()
        assert gone(str(scratch), 30.0)
        give_up = time.monotonic() + 10.0
        while list(scratch.iterdir()) and time.monotonic() < give_up:
            time.sleep(0.01)
        assert list(scratch.iterdir()) == []


@pytest.mark.slow
class TestGvisor(_Contained):
    make = "from filial.sandboxes import Oci; sandbox = Oci()"
    runtime = ()

    def test_level(self) -> None:
        assert _oci().level is Level.L5

    # Its clocks are not the host's.

    def test_cpu_time_of_the_dead_counts(self, room: Room) -> None:
        program = """
            import os
            for _ in range(3):
                if os.fork() == 0:
                    sum(i * i for i in range(2_000_000))
                    os._exit(0)
            for _ in range(3):
                os.wait()
        """
        idle = room.run("pass").cpu_s
        assert room.run(program).cpu_s > idle + 0.1


@pytest.mark.slow
class TestRuntimeOnTheHostsKernel(_Contained):
    make = "from filial.sandboxes import Oci; sandbox = Oci(('runc',))"
    runtime = ("runc",)

    def test_level_is_not_claimed(self) -> None:
        assert _oci("runc").level is Level.L3

    # It makes a control group of its own, where the kernel may be the first to act.

    def test_memory_hog(self, room: Room) -> None:
        outcome = room.run("kept = b'x' * (300 << 20); import time; time.sleep(60)")
        assert outcome.ended_by in {EndedBy.MEMORY, EndedBy.SIGNAL}

    def test_memory_of_many_processes_is_summed(self, room: Room) -> None:
        program = """
            import os
            for _ in range(4):
                if os.fork() == 0:
                    kept = b"x" * (60 << 20)
                    os._exit(7)
            print(sorted(os.wait()[1] for _ in range(4)))
        """
        outcome = room.run(program)
        is_over = outcome.ended_by in {EndedBy.MEMORY, EndedBy.SIGNAL}
        assert is_over or b" 9" in outcome.stdout or b"[9" in outcome.stdout, outcome
