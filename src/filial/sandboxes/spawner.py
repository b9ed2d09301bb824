"""Our side of the zygotes: started on first use, replaced when they die, ended with us."""

import atexit
import os
import socket
import struct
import subprocess  # noqa: TID251 - the one place that starts candidates
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

from filial.errors import SandboxError
from filial.sandboxes import view
from filial.sandboxes.base import Command
from filial.sandboxes.identities import Identities, are_ours_to_give
from filial.sandboxes.streams import memory_file

_PROGRAM, _AFRESH = (Path(__file__).with_name(f"{name}.py") for name in ("zygote", "afresh"))
_IMPORT_S = 120.0
_ANSWER_S = 30.0
_READY = b"ready"
# Nobody can plant files there for the imported modules to find.
_NO_HOME = "/nonexistent"


class ZygoteDiedError(SandboxError):
    """The zygote ended before it answered; another one can be asked."""


class Spawner:
    """One zygote.

    Args:
        modules: What it imports before it serves.

    Raises:
        SandboxError: It cannot be started; its own last words say why.

    Attributes:
        modules: As given.
        peak_bytes: The most memory it held while it imported: what its copies begin with.
    """

    def __init__(self, modules: tuple[str, ...]) -> None:
        self.modules = modules
        self._lock = Lock()
        self._is_waiting = False
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sources = [memory_file(source.read_bytes()) for source in (_PROGRAM, _AFRESH)]
        try:
            self._popen = _zygote(modules, theirs.fileno(), *sources)
        except OSError as error:
            self._line.close()
            raise SandboxError(f"no zygote: {error}") from error
        finally:
            theirs.close()
            for descriptor in sources:
                os.close(descriptor)
        words = self._await()
        if words is not None:
            self.close()
            raise SandboxError(f"no zygote: {words or 'it said nothing'}")
        self.peak_bytes = _peak_bytes(self._popen.pid)
        self._line.settimeout(_ANSWER_S)

    @property
    def is_fit(self) -> bool:
        """Whether it lives, and owes nobody an answer."""
        with self._lock:
            return not self._is_waiting and self._popen.poll() is None

    def spawn(self, descriptors: list[int]) -> int:
        """Returns the process id of a new first process, a child of ours, that holds these.

        Raises:
            SandboxError: The kernel refused.
            ZygoteDiedError: The zygote is no more.
        """
        answer, _ = self._ask(b"new", descriptors)
        (pid,) = struct.unpack("=q", answer)
        if pid < 0:
            raise SandboxError(f"no new namespaces: {os.strerror(-pid)}")
        return int(pid)

    def lend(self, uid: int) -> int:
        """Returns a user namespace in which root's files are those of ``uid``; -1 for none.

        Raises:
            ZygoteDiedError: The zygote is no more.
        """
        _, received = self._ask(str(uid).encode(), [])
        return received[0] if received else -1

    def close(self) -> None:
        """Ends the zygote; its candidates go on."""
        if self._is_waiting:
            self._reap_unclaimed()
        self._line.close()
        with self._popen as popen:
            try:
                popen.wait(_ANSWER_S)
            except subprocess.TimeoutExpired:
                popen.kill()

    def forget(self) -> None:
        """Lets go of a zygote that belongs to the process this one was forked from."""
        self._line.close()
        self._popen.returncode = 0

    def _ask(self, order: bytes, descriptors: list[int]) -> tuple[bytes, list[int]]:
        with self._lock:
            # Whoever is interrupted here leaves an answer that nobody may take for their own.
            self._is_waiting = True
            try:
                socket.send_fds(self._line, [order], descriptors)
                answer, received, _, _ = socket.recv_fds(self._line, 16, 1)
            except OSError as error:
                raise ZygoteDiedError(f"the zygote does not answer: {error}") from error
            if not answer:
                raise ZygoteDiedError("the zygote died")
            self._is_waiting = False
        return answer, received

    def _reap_unclaimed(self) -> None:
        """Reaps the first process that an interrupted request asked for: it ends without us."""
        with suppress(OSError, struct.error):
            (pid,) = struct.unpack("=q", self._line.recv(16))
            if pid > 0:
                os.waitpid(pid, 0)

    def _await(self) -> str | None:
        """Waits until it serves; returns its last line if it does not."""
        assert self._popen.stdout is not None  # noqa: S101 - it was asked for
        with self._popen.stdout as words:
            self._line.settimeout(_IMPORT_S)
            with suppress(OSError):
                if self._line.recv(16) == _READY:
                    return None
            self._popen.kill()
            return words.read().decode(errors="replace").strip().rpartition("\n")[2]


class Spawners:
    """The zygotes and user numbers of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[tuple[str, ...], Spawner] = {}
        self._unfit: set[tuple[str, ...]] = set()
        self.identities = Identities()

    def of(self, modules: tuple[str, ...]) -> Spawner:
        """Returns a zygote with these modules, or with none where they cannot be imported.

        Raises:
            SandboxError: Not even that can be started.
        """
        with self._lock:
            if modules not in self._unfit:
                try:
                    return self._live(modules)
                except SandboxError:
                    if not modules:
                        raise
                    self._unfit.add(modules)
            return self._live(())

    def close(self) -> None:
        """Ends all zygotes and gives up all numbers."""
        with self._lock:
            for spawner in self._running.values():
                spawner.close()
            self._running.clear()
            self.identities.close()

    def forget(self) -> None:
        """Lets go of everything, in a process forked from its owner."""
        for spawner in self._running.values():
            spawner.forget()
        self.identities.close()

    def _live(self, modules: tuple[str, ...]) -> Spawner:
        spawner = self._running.get(modules)
        if spawner is not None and not spawner.is_fit:
            self._running.pop(modules).close()
            spawner = None
        if spawner is None:
            spawner = self._running[modules] = Spawner(modules)
        return spawner


@cache
def spawners() -> Spawners:
    """Those of this process; they end with it."""
    ours = Spawners()
    atexit.register(ours.close)
    return ours


def _after_fork() -> None:
    """A forked process makes its own: the zygotes' candidates are their parent's children."""
    if spawners.cache_info().currsize:
        ours = spawners()
        atexit.unregister(ours.close)
        ours.forget()
        spawners.cache_clear()


os.register_at_fork(after_in_child=_after_fork)


@cache
def is_root() -> bool:
    """Whether candidates get numbers of their own, without a user namespace."""
    return are_ours_to_give()


def _zygote(
    modules: tuple[str, ...], line: int, program: int, afresh: int
) -> "subprocess.Popen[bytes]":
    # The options of a candidate where its interpreter goes on as a candidate's.
    options = ("-B", "-s") if modules else ("-I", "-S", "-B")
    interpreter = (sys.executable, *options)
    nobody = Command(argv=("python",), code=view.INSIDE.code)
    variables = view.environment(nobody, view.INSIDE, ()) | {"HOME": _NO_HOME}
    del variables["TMPDIR"]
    kind = "root" if is_root() else "user"
    return subprocess.Popen(  # noqa: S603 - the interpreter and our own program
        [*interpreter, f"/dev/fd/{program}", str(line), str(afresh), kind, *modules],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=variables,
        cwd="/",
        pass_fds=[line, program, afresh],
        start_new_session=True,
    )


def _peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2]
    return int(status.split(maxsplit=1)[0]) * 1024
