"""A program started by the launcher (``confine.py``), which keeps, kills and reaps its tree."""

import json
import os
import resource
import subprocess  # noqa: TID251 - the one place that starts candidates
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import launching, view
from filial.sandboxes.base import Command
from filial.sandboxes.cgroups import Cgroup
from filial.sandboxes.process import Gauge, Launched, WatchedProcess
from filial.sandboxes.removal import remove_tree
from filial.sandboxes.streams import Channels, read_waiting

_LAUNCHER = Path(__file__).with_name("confine.py")
_ROOM_FOR_OTHERS = 1024  # tasks of the same user

Plan = Mapping[str, object]
"""For the launcher: ``argv``, ``environment``, ``cwd``, ``rlimits``, ``paths``, ``seccomp``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What differs between the back-ends that start programs through the launcher.

    Attributes:
        name: What error messages call it.
        plan: Returns the plan, given the scratch folder and the child's ends of the pipes.
        keeps_pipes: Whether the program itself gets the data pipes; otherwise they are its
            standard input and output.
        is_linux: Whether to use what only Linux has: subreapers, ``/proc``, process descriptors.
        ready: Waits for a sign of life from inside, besides the launcher's word; raises
            SandboxError if it does not come.
        group: Makes a control group, or returns None.
        meter: Makes the meter from the launcher's process id; None for the usual one.
        close: Called when the tree is dead, with the scratch folder.
    """

    name: str
    plan: Callable[[Path, Channels], Plan]
    keeps_pipes: bool = True
    is_linux: bool = True
    ready: Callable[[Channels], None] | None = None
    group: Callable[[], Cgroup | None] = lambda: None
    meter: Callable[[int], Gauge] | None = None
    close: Callable[[Path], None] = lambda _scratch: None


def start(command: Command, setting: Setting) -> WatchedProcess:
    """Starts ``command``; its scratch folder lies in the host's temporary folder.

    Raises:
        SandboxError: A folder is missing, or the launcher or the kernel refused.
    """
    view.check(command)
    return launching.watch(partial(_launch, command, setting), f"{setting.name} could not start")


def _launch(command: Command, setting: Setting, undo: ExitStack) -> Launched:
    started_s = time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix="filial-")).resolve()
    undo.callback(_remove, scratch)
    group = setting.group()
    if group is not None:
        undo.callback(group.remove)
    ours, theirs = launching.channels(command, undo)
    plan = {
        "keep": theirs.data_ends() if setting.keeps_pipes else (),
        **setting.plan(scratch, theirs),
        "status": theirs.status,
        "scratch": str(scratch),
        "linux": setting.is_linux,
    }
    tree = _spawn(plan, theirs, setting, scratch)
    undo.callback(tree.abandon)
    if group is not None:
        group.add(tree.pid)
    tree.tell(plan)
    _await_program(setting.name, ours)
    if setting.ready is not None:
        setting.ready(ours)
    return Launched(
        pid=tree.pid,
        root=tree.pid,
        channels=ours,
        backend=tree,
        limits=command.limits,
        writable=(*view.writable(command), scratch),
        cgroup=group,
        started_s=started_s,
        ended=-1 if setting.is_linux else tree.take_ended(),
        meter=setting.meter(tree.pid) if setting.meter else None,
    )


class _Subtree:
    """The tree below one launcher, which kills it when told so."""

    def __init__(
        self,
        popen: "subprocess.Popen[bytes]",
        ends: tuple[int, int, int],
        scratch: Path,
        close: Callable[[Path], None],
    ) -> None:
        self._popen = popen
        self.pid = popen.pid
        self._plan, self._lifeline, self._ended = ends
        self._scratch = scratch
        self._close = close

    def tell(self, plan: Plan) -> None:
        """Sends the plan; until then the launcher waits."""
        with suppress(BrokenPipeError), os.fdopen(self._plan, "wb") as pipe:
            pipe.write(json.dumps(plan).encode())

    def take_ended(self) -> int:
        """Hands over the descriptor that becomes readable when the launcher has ended."""
        taken, self._ended = self._ended, -1
        return taken

    def stop(self) -> None:
        with suppress(BrokenPipeError, BlockingIOError):
            os.write(self._lifeline, b"x")

    def abandon(self) -> None:
        with suppress(OSError):
            os.close(self._plan)
        self.stop()
        self._popen.wait()
        self.close()

    def close(self) -> None:
        # Reaped by its process id, behind the object's back.
        self._popen.returncode = self._popen.returncode or 0
        os.close(self._lifeline)
        if self._ended >= 0:
            os.close(self._ended)
        self._close(self._scratch)
        _remove(self._scratch)


def _spawn(plan: dict[str, object], theirs: Channels, setting: Setting, scratch: Path) -> _Subtree:
    """Starts the launcher; it reads its plan from a pipe, and holds one that tells its end."""
    told, plan_end = os.pipe()
    watched, lifeline = os.pipe()
    ended, held = os.pipe()
    # Not /dev/null: gVisor gives away whatever it gets as standard input.
    empty, end = os.pipe()
    os.close(end)
    os.set_blocking(lifeline, False)
    plan["lifeline"], plan["held"] = watched, held
    passed = [told, watched, held, theirs.status]
    swapped = bool(theirs.data_ends()) and not setting.keeps_pipes
    if setting.keeps_pipes:
        passed += theirs.data_ends()
    try:
        popen = subprocess.Popen(  # noqa: S603 - starting untrusted programs is the point
            [sys.executable, "-I", "-S", "-B", str(_LAUNCHER), str(told)],
            stdin=theirs.questions if swapped else empty,
            stdout=theirs.answers if swapped else theirs.stdout,
            stderr=theirs.stderr,
            env={},
            pass_fds=passed,
            start_new_session=True,
        )
    except OSError:
        for descriptor in (plan_end, lifeline, ended):
            os.close(descriptor)
        raise
    finally:
        for descriptor in (told, watched, held, empty):
            os.close(descriptor)
        theirs.close_all()
    return _Subtree(popen, (plan_end, lifeline, ended), scratch, setting.close)


def _await_program(name: str, ours: Channels) -> None:
    """Waits until the program has been reached.

    Raises:
        SandboxError: The launcher failed; its own words say why.
    """
    report = b""
    while part := os.read(ours.status, 4096):
        report += part
    ours.close("status")
    if report != b"ok":
        words = (report or read_waiting(ours.stderr)).decode(errors="replace").strip()
        raise SandboxError(f"{name} could not start: {words or 'the launcher died'}")


def plan(command: Command, scratch: Path, theirs: Channels) -> dict[str, object]:
    """The plan of a program that sees real paths, without what a level adds to it."""
    places = view.Places(
        code=command.code.resolve(),
        out=(command.out or scratch).resolve(),
        data=(command.data or scratch).resolve(),
        scratch=scratch,
    )
    return {
        "argv": view.relocate(view.argv(command), command, places),
        "environment": view.environment(command, places, theirs.data_ends()),
        "cwd": str(places.code),
        "rlimits": [(kind, *both) for kind, both in limits(command).items()],
    }


def limits(command: Command) -> dict[int, tuple[int, int]]:
    """The kernel's limits for a program that shares the host's count of tasks."""
    wanted = view.rlimits(command.limits)
    wanted[resource.RLIMIT_NPROC] = (_room_for_tasks(command.limits.processes),) * 2
    return wanted


def _room_for_tasks(processes: int) -> int:
    """The kernel's limit counts all tasks of the user on this machine, trials beside us too.

    It leaves them room to grow, or a bomb in one of them would fail an honest one; the meter holds
    each to its own limit.
    """
    running = 0
    if os.geteuid() != 0:
        running = _ROOM_FOR_OTHERS
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if folder.stat().st_uid == os.geteuid():
                    running += len(list((folder / "task").iterdir()))
    return running + processes + view.SPARE_TASKS


def _remove(folder: Path) -> None:
    """Removes a scratch folder; what cannot be removed is left to the host's temporary folder."""
    with suppress(OSError):
        remove_tree(folder)
