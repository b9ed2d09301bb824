"""Levels L3 and L4: namespaces and a minimal read-only root, set up by our own zygote."""

import json
import os
import signal
import time
from contextlib import ExitStack, suppress
from functools import partial

from filial.errors import SandboxError
from filial.sandboxes import launching, rootfs, seccomp, view
from filial.sandboxes.base import Command, Level
from filial.sandboxes.identities import Identities
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.spawner import Spawner, ZygoteDiedError, is_root, spawners
from filial.sandboxes.streams import Channels, memory_file

_DATA_ENDS = (3, 4)
_OK = b"ok"
# What an interpreter or a library reads once, when it starts: then only a fresh process obeys.
_READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "TZ", "GLIBC_", "MALLOC_")
_READ_AT_IMPORT = (
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NPY_",
    "NUMPY_",
    "BLIS_",
    "KMP_",
    "TORCH",
    "CUDA_",
)


class Namespaces:
    """Runs each command in namespaces of its own, with nothing of the host but its mounts.

    No program is needed for it, only a kernel that allows it. A command that names modules to be
    ``warm`` and runs a script or code of Python's continues in a copy of an interpreter that has
    imported them. To the program all is as if started afresh, but that the random generators of
    ``random`` and ``numpy.random`` are seeded from fresh entropy, that all copies have the same
    addresses, and that a look up the stack finds two frames of ours below its own. Where that
    cannot be, the command gets a process of its own: where variables say how an interpreter or a
    library is to start, and where the modules cannot be imported.

    Run by root, every running tree has a user number that no other has, and no rights. Root's
    files in the command's folders, and those of the interpreter, appear as that number's, and
    what it makes in ``out`` is root's outside; on a file system that cannot do so, ``out`` is
    given to that number. Changing modes, owners and attributes of files has no effect then. Run
    by others, the candidate is nobody in a user namespace and keeps its caller's number outside.

    Args:
        level: ``L3``, or ``L4`` for a control group for every process.

    Raises:
        SandboxError: The level is neither of the two.

    What this does not cover: kernel bugs, side channels, GPU devices, the names of the shown
    folders on the host, which the kernel's list of mounts tells.
    """

    def __init__(self, level: Level = Level.L3) -> None:
        if level not in {Level.L3, Level.L4}:
            raise SandboxError(f"namespaces give L3 or L4, not {level}")
        self.level: Level = level
        # What a lent folder's owner makes is root's outside; never a program that runs as root.
        self._rules = seccomp.build(metadata=os.geteuid() != 0)

    def start(self, command: Command) -> WatchedProcess:
        """Starts ``command``.

        Raises:
            SandboxError: A folder is missing, or the kernel refused.
        """
        view.check(command)
        try:
            return self._start(command)
        except ZygoteDiedError:
            return self._start(command)

    def _start(self, command: Command) -> WatchedProcess:
        return launching.watch(partial(self._launch, command), "namespaces could not be set up")

    def _launch(self, command: Command, undo: ExitStack) -> Launched:
        spawner = spawners().of(command.warm if _may_be_warm(command) else ())
        started_s, limits = time.monotonic(), command.limits
        group = launching.group(self.level, limits, undo)
        ours, theirs = launching.channels(command, undo)
        tree = _Tree(spawner)
        undo.callback(tree.abandon)
        steps = rootfs.steps(command)
        tree.grow(theirs, rootfs.encode(steps), self._plan(command, tree))
        if group:
            group.add(tree.pid)
        tree.let_go()
        _await_program(ours, steps)
        return Launched(
            pid=tree.pid,
            root=tree.pid,
            channels=ours,
            backend=tree,
            limits=limits,
            writable=view.writable(command),
            cgroup=group,
            started_s=started_s,
            # A copy begins with the modules, as a fresh process would after importing them.
            own_peak_bytes=0 if spawner.modules else spawner.peak_bytes,
        )

    def _plan(self, command: Command, tree: "_Tree") -> dict[str, object]:
        """What the first process may know, and the candidate after it."""
        ends = _DATA_ENDS if command.pipes else ()
        return {
            "argv": view.argv(command),
            "environment": view.environment(command, view.INSIDE, ends),
            "cwd": str(view.INSIDE.code),
            "limits": [(kind, *both) for kind, both in view.rlimits(command.limits).items()],
            "filter": self._rules.hex(),
            "pipes": command.pipes,
            "uid": tree.identity.uid if tree.identity else None,
            "warm": bool(tree.spawner.modules),
        }


class _Tree:
    """The tree below one first process, which is killed by killing that."""

    def __init__(self, spawner: Spawner) -> None:
        self.spawner = spawner
        self._identities: Identities = spawners().identities
        self.identity = self._identities.take(spawner.lend) if is_root() else None
        self.pid = 0
        self._first = -1
        self._go = -1

    def grow(self, theirs: Channels, steps: bytes, plan: dict[str, object]) -> None:
        """Has the first process made; it waits for ``let_go``."""
        awaited, self._go = os.pipe()
        passing = [awaited, memory_file(steps), memory_file(json.dumps(plan).encode())]
        handed = [theirs.stdout, theirs.stderr, theirs.status, *passing, *theirs.data_ends()]
        if self.identity is not None:
            handed.append(self.identity.claim.fileno())
            handed += [self.identity.namespace] if self.identity.namespace >= 0 else []
        try:
            self.pid = self.spawner.spawn(handed)
        finally:
            theirs.close_all()
            for descriptor in passing:
                os.close(descriptor)
        self._first = os.pidfd_open(self.pid)

    def let_go(self) -> None:
        """Lets the first process start the program."""
        with suppress(BrokenPipeError):  # its own words say more
            os.write(self._go, b"g")
        self._close_go()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def abandon(self) -> None:
        if self._first >= 0:
            self.stop()
            os.waitpid(self.pid, 0)
        self.close()

    def close(self) -> None:
        self._close_go()
        if self._first >= 0:
            os.close(self._first)
            self._first = -1
        if self.identity is not None:
            self._identities.give_back(self.identity)
            self.identity = None

    def _close_go(self) -> None:
        if self._go >= 0:
            os.close(self._go)
            self._go = -1


def _may_be_warm(command: Command) -> bool:
    """Whether a copy of an interpreter does what a fresh one would."""
    if command.argv[0] != "python":
        return False
    arguments = command.argv[1:]
    is_program = bool(arguments) and not arguments[0].startswith("-")
    is_code = len(arguments) > 1 and arguments[0] == "-c"
    begins = (*_READ_AT_START, *_READ_AT_IMPORT)
    return (is_program or is_code) and not any(
        name.startswith(begins) for name in command.environment
    )


def _await_program(ours: Channels, steps: tuple[rootfs.Step, ...]) -> None:
    """Waits until the program is about to run.

    Raises:
        SandboxError: The first process failed; its own words say why.
    """
    report = b""
    while part := os.read(ours.status, 4096):
        report += part
    ours.close("status")
    if report != _OK:
        words = report.decode(errors="replace").strip() or "the first process died"
        if "#" in words:
            number, _, reason = words.partition("#")[2].partition(" ")
            words = f"{steps[int(number)]}: {reason}"
        raise SandboxError(f"namespaces could not be set up: {words}")
