"""Sandboxes that protect from nothing, for tests of everything around them."""

import os
import select
import subprocess  # noqa: TID251 - a plain process is the point
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filial.errors import SandboxError
from filial.exams.frames import Decoder
from filial.exams.server import reply
from filial.sandboxes import remove_tree, view
from filial.sandboxes.base import Command, EndedBy, Level, Limits, Outcome
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.streams import open_channels


class InProcessSandbox:
    """Runs the examinee's code in the calling process and thread: NO ISOLATION AT ALL, level L0.

    It serves exams (``Command.pipes``) whose last argument names one self-contained file with a
    function ``answer``; it runs no other commands. ``poll`` itself does the examinee's work.

    What this does not cover: everything. The code may do whatever this process may, no limit but
    the wall clock between two answers is enforced, and an endless loop in it never returns. Run
    only code that you wrote yourself.
    """

    level = Level.L0

    def start(self, command: Command) -> "InProcess":
        """Starts ``command``. Raises SandboxError if it is not an exam's."""
        if not command.pipes:
            raise SandboxError("InProcessSandbox serves exams only: use a real sandbox to build")
        return InProcess(command)


class InProcess:
    """The examinee as a state machine that :meth:`poll` drives."""

    def __init__(self, command: Command) -> None:
        self._inlet, self.questions = os.pipe()
        self.answers, self._outlet = os.pipe()
        for fd in (self._inlet, self.answers, self._outlet):
            os.set_blocking(fd, False)
        self._path = command.code / command.argv[-1]
        self._wall_s = command.limits.wall_s
        self._started_s = time.monotonic()
        self._cpu_s = 0.0
        self._answer: Callable[[Any], Any] | None = None
        self._decoder = Decoder()
        self._unsent = memoryview(b"")
        self._outcome: Outcome | None = None

    def poll(self, timeout_s: float) -> bool:  # noqa: ARG002 - only our caller brings new work
        """Answers the questions that have arrived; says whether ``answers`` is readable."""
        if self._outcome is None:
            self._work()
        ready = select.poll()
        ready.register(self.answers, select.POLLIN)
        return bool(ready.poll(0))

    def hang_up(self) -> None:
        """Closes ``questions``."""
        if self.questions >= 0:
            os.close(self.questions)
            self.questions = -1

    def wait(self) -> Outcome:
        """Works until the questions end; without ``hang_up`` it kills what would wait for ever."""
        while self._outcome is None:
            if self.questions >= 0:
                return self.kill()
            self._work()
            if self._unsent:
                return self.kill()
        return self._outcome

    def kill(self) -> Outcome:
        """Ends it now."""
        return self._end(EndedBy.KILLED, -9)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self.hang_up()
        if self.answers >= 0:
            os.close(self.answers)
            self.answers = -1

    def _work(self) -> None:
        """Answers what is there and writes what fits."""
        before_s = time.thread_time()
        try:
            while self._send() and self._read():
                pass
            if not self._unsent:
                self._end(EndedBy.EXIT, 0)  # the questions are over
        except BlockingIOError:
            pass
        except SystemExit as error:
            self._end(EndedBy.EXIT, error.code if isinstance(error.code, int) else 1)
        finally:
            self._cpu_s += time.thread_time() - before_s
        if time.monotonic() - self._started_s > self._wall_s:
            self._end(EndedBy.WALL, -9)

    def _read(self) -> bool:
        """Answers the next question if it is complete; False at the end of the questions."""
        frame = self._decoder.filled(0)
        if frame is None:
            n_bytes = os.readv(self._inlet, [self._decoder.space()])
            if not n_bytes:
                return False
            frame = self._decoder.filled(n_bytes)
        if frame is not None:
            self._unsent = memoryview(b"".join(reply(frame.n, frame.value, self._call)))
        return True

    def _send(self) -> bool:
        """Writes what fits of the answer; says whether it is all gone."""
        if self._unsent:
            self._unsent = self._unsent[os.write(self._outlet, self._unsent) :]
        return not self._unsent

    def _call(self, question: Any) -> Any:
        if self._answer is None:
            names: dict[str, Any] = {"__name__": self._path.stem, "__file__": str(self._path)}
            exec(compile(self._path.read_bytes(), str(self._path), "exec"), names)  # noqa: S102
            self._answer = names["answer"]
        return self._answer(question)

    def _end(self, ended_by: EndedBy, rc: int) -> Outcome:
        if self._outcome is None:
            os.close(self._inlet)
            os.close(self._outlet)
            self._outcome = Outcome(
                ended_by=ended_by,
                rc=rc,
                wall_s=time.monotonic() - self._started_s,
                cpu_s=self._cpu_s,
                memory_peak_bytes=0,
                stdout=b"",
                stderr=b"",
            )
        return self._outcome


class PlainSandbox:
    """Runs each command as an ordinary child process: NO ISOLATION AT ALL, level L0.

    It is what engines do that have no sandbox, and the control for tests of those that do: an
    attack that does not win here proves nothing by failing elsewhere. The child inherits the
    environment, the process group and the user; at the wall-clock limit it is killed, but not
    what it started. The program sees real paths, as at level L2.

    What this does not cover: everything. Run only code that you wrote yourself.
    """

    level = Level.L0

    def start(self, command: Command) -> WatchedProcess:
        """Starts ``command``; raises OSError if there is no such program."""
        started_s = time.monotonic()
        scratch = Path(tempfile.mkdtemp(prefix="plain-"))
        places = view.Places(
            code=command.code.resolve(),
            out=(command.out or scratch).resolve(),
            data=(command.data or scratch).resolve(),
            scratch=scratch,
        )
        ours, theirs = open_channels(pipes=command.pipes)
        child = subprocess.Popen(  # noqa: S603 - whatever the test wants to run
            view.relocate(view.argv(command), command, places),
            stdin=subprocess.DEVNULL,
            stdout=theirs.stdout,
            stderr=theirs.stderr,
            cwd=places.code,
            env={
                **os.environ,  # noqa: TID251 - inherited like everything else
                **view.environment(command, places, theirs.data_ends()),
            },
            pass_fds=theirs.data_ends(),
        )
        theirs.close_all()
        no_limit = 1 << 60
        return WatchedProcess(
            Launched(
                pid=child.pid,
                root=child.pid,
                channels=ours,
                backend=_PlainChild(child, scratch),
                limits=Limits(
                    wall_s=command.limits.wall_s,
                    cpu_s=no_limit,
                    memory_bytes=no_limit,
                    processes=no_limit,
                    output_bytes=no_limit,
                    disk_bytes=no_limit,
                ),
                writable=(),
                cgroup=None,
                started_s=started_s,
            )
        )


class _PlainChild:
    """One child, without what it started."""

    def __init__(self, child: "subprocess.Popen[bytes]", scratch: Path) -> None:
        self._child = child
        self._scratch = scratch

    def stop(self) -> None:
        self._child.kill()

    def close(self) -> None:
        # Reaped by its process id, behind the object's back.
        self._child.returncode = 0
        remove_tree(self._scratch)
