"""Restricts itself by Landlock, seccomp and limits, then becomes the candidate.

A program of its own, standard library only, run as ``python -I -S confine.py FD`` where FD holds
the plan as JSON. Two processes come of it: the child restricts itself and executes the command;
the parent stays outside as the subreaper that adopts, kills and reaps everything the child leaves
behind. It does so when the child ends, when anything or the end arrives on the lifeline, or when
its own parent is gone.

``paths`` and ``seccomp`` of the plan are optional. Where ``linux`` is false there are no
subreapers: the parent kills the process group of the child, and who left that group stays.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 22, 36, 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_MAKE_CHAR, _MAKE_BLOCK = 1 << 6, 1 << 11
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
# All rights of version 5 and later, TCP bind and connect, abstract sockets and signals.
_ALL_FILES, _ALL_TCP, _ALL_SCOPES, _SCOPE_SIGNALS = (1 << 16) - 1, 3, 3, 2
_RIGHTS = {
    "list": _READ_DIR,
    "read": _EXECUTE | _READ_FILE | _READ_DIR,
    "device": _READ_FILE | _WRITE_FILE,
    "write": _ALL_FILES & ~(_MAKE_CHAR | _MAKE_BLOCK | _IOCTL_DEV),
}
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_LOOK_EVERY_MS, _LOOK_OFTEN_MS = 100, 10
_PAUSE_S = 0.002
_SETUP_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Runs the plan; never returns."""
    with os.fdopen(int(sys.argv[1]), "rb") as file:
        plan = json.load(file)
    parent = os.getppid()
    if plan["linux"]:
        _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")
    is_fenced = "paths" in plan and _fence(parent)
    child = os.fork()
    if child == 0:
        _become(plan)
    # Only the candidate may hold its pipes, or their end would never be seen.
    for descriptor in (plan["status"], *plan["keep"]):
        os.close(descriptor)
    nothing = os.open("/dev/null", os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    if plan["linux"]:
        status = _watch(child, plan["lifeline"], parent, _kill_all if is_fenced else _kill_below)
    else:
        status = _watch_group(child, plan["lifeline"], parent)
    if _is_orphan(plan["lifeline"], parent):
        # Nobody else is left to do it; rm copes with any depth.
        os.execv("/bin/rm", ["rm", "-rf", "--", plan["scratch"]])  # noqa: S606 - see above
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _become(plan: dict[str, Any]) -> None:
    status = plan["status"]
    try:
        os.close(plan["lifeline"])
        os.close(plan["held"])
        os.setsid()
        os.chdir(plan["cwd"])
        _restrict(plan)
        for descriptor in plan["keep"]:
            os.set_inheritable(descriptor, True)  # noqa: FBT003 - the standard library's form
        os.set_inheritable(status, False)  # noqa: FBT003 - the standard library's form
        os.write(status, b"ok")
    except OSError as error:
        os.write(status, str(error).encode())
        os._exit(_SETUP_FAILED)
    _reset_signals()
    try:
        os.execvpe(plan["argv"][0], plan["argv"], plan["environment"])  # noqa: S606 - the point
    except OSError as error:
        os.write(2, f"{plan['argv'][0]}: {error.strerror}\n".encode())
        os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE)


def _reset_signals() -> None:
    """Undoes what callers ignore or block: a worker, for instance, ignores Ctrl-C."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _restrict(plan: dict[str, Any]) -> None:
    if plan["linux"]:
        Path("/proc/self/oom_score_adj").write_text("1000")
        _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    for kind, *wanted in plan["rlimits"]:
        _, most = resource.getrlimit(kind)
        unlimited = most == resource.RLIM_INFINITY
        soft, hard = wanted if unlimited else (min(limit, most) for limit in wanted)
        resource.setrlimit(kind, (soft, hard))
    if "paths" in plan:
        _landlock(plan["paths"])
    if "seccomp" in plan:
        _seccomp(bytes.fromhex(plan["seccomp"]))


def _fence(parent: int) -> bool:
    """Keeps all signals of this process and its children among themselves; says whether it holds.

    The candidate's own restrictions come inside of this fence, so that it cannot reach us, but we
    can reach all of it at once.
    """
    attributes = struct.pack("=QQQ", 0, 0, _SCOPE_SIGNALS)
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0 or _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    _libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    try:
        os.kill(parent, 0)
    except PermissionError:
        return True
    except ProcessLookupError:
        return False
    return False


def _landlock(paths: dict[str, list[str]]) -> None:
    attributes = struct.pack("=QQQ", _ALL_FILES, _ALL_TCP, _ALL_SCOPES)
    ruleset = _libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    _check(min(ruleset, 0), "Landlock ruleset")
    for kind, names in paths.items():
        for name in names:
            descriptor = os.open(name, os.O_PATH | os.O_CLOEXEC)
            rights = _RIGHTS[kind] if Path(name).is_dir() else _RIGHTS[kind] & _FILE_RIGHTS
            rule = struct.pack("=Qi", rights, descriptor)
            _check(_libc.syscall(_ADD_RULE, ruleset, 1, rule, 0), f"Landlock rule for {name}")
            os.close(descriptor)
    _check(_libc.syscall(_RESTRICT_SELF, ruleset, 0), "Landlock restriction")
    os.close(ruleset)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _seccomp(rules: bytes) -> None:
    buffer = ctypes.create_string_buffer(rules, len(rules))
    program = _Program(len(rules) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _watch(child: int, lifeline: int, parent: int, kill: Callable[[], None]) -> int:
    """Waits for the child, then for the death of all it left; returns the child's status.

    Args:
        child: Its process id.
        lifeline: Descriptor; anything or the end on it ends the tree.
        parent: Our own parent, whose death ends the tree.
        kill: Kills all that is below us, or as much of it as can be seen.
    """
    statuses: dict[int, int] = {}
    events = select.poll()
    events.register(lifeline, select.POLLIN)
    events.register(os.pidfd_open(child), select.POLLIN)
    while child not in statuses and os.getppid() == parent:
        ready = [descriptor for descriptor, _ in events.poll(_LOOK_EVERY_MS)]
        _reap(statuses)
        if lifeline in ready:
            break
    while _reap(statuses):
        kill()
        time.sleep(_PAUSE_S)
    return statuses[child]


def _kill_all() -> None:
    """Kills everything inside the fence but ourselves, in one step that nobody forks away from."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left
        os.kill(-1, signal.SIGKILL)


def _kill_below() -> None:
    below = _descendants(os.getpid())
    # Stopped first, hardly any of them can outrun the killing by forking.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in below:
            _send(pid, number)


def _is_orphan(lifeline: int, parent: int) -> bool:
    """Whether the caller is dead or dying: its pipes end before it has another parent for us."""
    os.set_blocking(lifeline, False)
    try:
        while os.read(lifeline, 1 << 10):
            pass
    except BlockingIOError:
        return os.getppid() != parent
    return True


def _watch_group(child: int, lifeline: int, parent: int) -> int:
    """The same without what only Linux has; kills the child's process group at the end."""
    statuses: dict[int, int] = {}
    events = select.poll()
    events.register(lifeline, select.POLLIN)
    while child not in statuses and os.getppid() == parent:
        if events.poll(_LOOK_OFTEN_MS):
            break
        _reap(statuses)
    while _kill_group(child) or child not in statuses:
        _reap(statuses)
        time.sleep(_PAUSE_S)
    return statuses[child]


def _kill_group(leader: int) -> bool:
    """Kills a process group; says whether there was anybody in it."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _reap(statuses: dict[int, int]) -> bool:
    """Collects the dead, adopted ones too; says whether a child is left."""
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return True
            statuses[pid] = status
    except ChildProcessError:
        return False


def _descendants(root: int) -> list[int]:
    parents = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - many times a second
        if name.isdigit():
            try:
                fields = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            parents[int(name)] = int(fields[1])
    found = {root}
    size = 0
    while size != len(found):
        size = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return sorted(found - {root})


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


if __name__ == "__main__":
    main()
