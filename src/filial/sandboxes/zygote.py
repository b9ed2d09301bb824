"""Turns copies of itself into candidates, each in namespaces of its own.

A program of its own, standard library only, that runs for as long as its caller:

    python OPTION... /dev/fd/PROGRAM SOCKET AFRESH KIND MODULE...

It imports the modules and waits at the socket. A request is a set of descriptors and nothing else;
what they hold is read by the copy made for it, never here, so that no candidate finds in its
memory what another one was told. The kernel makes each copy a child of the caller, and the first
process of new namespaces. That one builds the root, waits for the caller's word, gives up every
right and forks the candidate. Then it reaps orphans. When it ends, so does all that is below it:
when the candidate ends, or the caller.

``AFRESH`` is a descriptor with the source of ``afresh``. ``KIND`` is ``root`` where each candidate
gets a user number of its own, otherwise ``user``.
"""

import ctypes
import errno
import fcntl
import gc
import json
import mmap
import os
import platform
import resource
import select
import signal
import socket
import struct
import sys
import types
from importlib import import_module
from typing import Any, NoReturn

_CLONE, _PIVOT_ROOT = {"x86_64": (56, 155), "aarch64": (220, 41)}[platform.machine()]
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_CLONE_PARENT, _NEWNS, _NEWCGROUP, _NEWUTS = 0x8000, 0x20000, 0x2000000, 0x4000000
_NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x8000000, 0x10000000, 0x20000000, 0x40000000
_FRESH = _NEWNS | _NEWUTS | _NEWIPC | _NEWPID | _NEWNET
_RDONLY, _NOSUID, _NODEV, _REC, _PRIVATE = 1, 2, 4, 1 << 14, 1 << 18
_DETACH = 2
_HERE, _EMPTY_PATH, _RECURSIVE = -100, 0x1000, 0x8000
_TREE_CLONE, _TREE_CLOEXEC, _FROM_EMPTY_PATH = 1, 0x80000, 4
_ATTR_RDONLY, _ATTR_IDMAP = 1, 0x100000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP = 1, 4, 22
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_CAPABILITY_VERSION = 0x20080522
_MOST_CAPABILITIES, _MOST_DESCRIPTORS, _MANY = 64, 16, 1 << 20
_SETUP_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127
_NOBODY = 65534
_FIRST_SPARE = 64
_TMPFS = b"tmpfs"
_ALL_BELOW = _EMPTY_PATH | _RECURSIVE
# Inside a new user namespace they can no longer be asked for.
_CALLERS = (os.geteuid(), os.getegid())
_OWNED, _LENT = 1 << 62, 1 << 61

# The lock of the interpreter is kept across calls: a copy begins with it held by itself.
_libc = ctypes.PyDLL(None, use_errno=True)
_P, _I, _L = ctypes.c_void_p, ctypes.c_int, ctypes.c_long
_libc.syscall.restype = _L
_libc.fopen.argtypes, _libc.fopen.restype = (ctypes.c_char_p, ctypes.c_char_p), _P
_libc.mkdir.argtypes = _libc.creat.argtypes = (_P, _I)
_libc.symlink.argtypes = (_P, _P)
_libc.mount.argtypes = (_P, _P, _P, ctypes.c_ulong, _P)


def main() -> dict[str, Any]:
    """Serves until the caller is gone; returns in candidates only, with what to run."""
    line = socket.socket(fileno=int(sys.argv[1]))
    kind, modules = sys.argv[3], sys.argv[4:]
    caller = os.pidfd_open(os.getppid())
    if modules:
        del sys.path[0]  # where this program lies
    for name in modules:
        import_module(name)
    afresh = types.ModuleType("afresh")
    with os.fdopen(int(sys.argv[2]), "rb") as file:
        exec(compile(file.read(), "afresh", "exec"), afresh.__dict__)  # noqa: S102 - our own
    # Another thread would be missing in the copies, and the locks it holds would stay locked.
    if len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208 - no need for paths
        sys.exit("the imported modules start threads")
    gc.collect()
    gc.freeze()
    sys.stdout.flush()
    line.send(b"ready")
    plan = _first(_serve(line, caller, kind), caller, kind)
    return {**plan, "afresh": afresh}


def _serve(line: socket.socket, caller: int, kind: str) -> list[int]:
    """Answers requests; returns in the copy made for one, with its descriptors."""
    flags = _CLONE_PARENT | _FRESH | (_NEWUSER if kind == "user" else 0)
    events = select.poll()
    for descriptor in (line.fileno(), caller):
        events.register(descriptor, select.POLLIN)
    while True:
        if caller in (descriptor for descriptor, _ in events.poll()):
            os._exit(0)
        order, descriptors, _, _ = socket.recv_fds(line, 16, _MOST_DESCRIPTORS)
        if not order:
            os._exit(0)
        if order != b"new":
            _lend(line, int(order))
            continue
        pid = _libc.syscall(_L(_CLONE), _L(flags), _L(0), _L(0), _L(0), _L(0))
        if pid == 0:
            line.close()
            return descriptors
        line.send(struct.pack("=q", pid if pid > 0 else -ctypes.get_errno()))
        for descriptor in descriptors:
            os.close(descriptor)


def _lend(line: socket.socket, number: int) -> None:
    """Answers with a user namespace in which root's files are those of a user number."""
    ready, tell = os.pipe()
    child = os.fork()
    if child == 0:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        os.write(tell, b"y" if _libc.unshare(_NEWUSER) == 0 else b"n")
        signal.pause()
    try:
        if os.read(ready, 1) != b"y":
            line.send(b"none")
            return
        for name in ("uid_map", "gid_map"):
            _write(f"/proc/{child}/{name}", f"0 {number} 1")
        namespace = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
        socket.send_fds(line, [b"lent"], [namespace])
        os.close(namespace)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(ready)
        os.close(tell)


def _first(descriptors: list[int], caller: int, kind: str) -> dict[str, Any]:
    """Isolates itself and forks; returns in the candidate only, with what to run."""
    out, err, status, go, steps, file, *rest = descriptors
    try:
        os.setsid()
        if kind == "user":
            _become_mapped()
        _write("/proc/self/oom_score_adj", "1000")
        with os.fdopen(file, "rb") as source:
            plan: dict[str, Any] = json.load(source)
        pipes, lent = (rest[:2], rest[2:]) if plan["pipes"] else ([], rest)
        _enter_root(steps, lent[1] if len(lent) > 1 else -1, plan["uid"])
        if not os.read(go, 1):
            os._exit(_SETUP_FAILED)
        _libc.unshare(_NEWCGROUP)  # now that this is in its own group; where the kernel has any
        _check(_libc.sethostname(b"sandbox", 7), "host name")
        _give_up_rights(plan["uid"], bytes.fromhex(plan.pop("filter")))
        child = os.fork()
        if child != 0:
            _watch(child, caller, lent[:1])
        _arrange([out, err, *pipes], status, plan)
    except OSError as error:
        os.write(status, str(error).encode())
        os._exit(_SETUP_FAILED)
    return plan


def _become_mapped() -> None:
    """Maps the caller's number to nobody's, in a user namespace that can have none below it."""
    _write("/proc/self/setgroups", "deny")
    for name, number in zip(("uid_map", "gid_map"), _CALLERS, strict=True):
        _write(f"/proc/self/{name}", f"{_NOBODY} {number} 1")
    try:
        _write("/proc/sys/user/max_user_namespaces", "0")
    except OSError as error:
        # The filter of system calls forbids them, too. In a container this may be read-only.
        if error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT}:
            raise


def _enter_root(steps: int, lent: int, uid: int | None) -> None:
    """Moves into an empty root, fills it from the old one, and loses that."""
    _check(_libc.mount(None, b"/", None, _REC | _PRIVATE, None), "private mounts")
    # No source of a mount lies there, so that all stay reachable.
    flags, options = _NOSUID | _NODEV, b"size=1m,mode=755"
    _check(_libc.mount(_TMPFS, b"/proc", _TMPFS, flags, options), "empty root")
    os.mkdir("/proc/.old")  # noqa: PTH102 - no need for paths
    _check(_libc.syscall(_L(_PIVOT_ROOT), b"/proc", b"/proc/.old"), "new root")
    os.chdir("/")
    _take(steps, lent, uid)
    _check(_libc.umount2(b"/.old", _DETACH), "old root")
    os.rmdir("/.old")  # noqa: PTH106 - no need for paths
    _check(_set_attributes(_HERE, b"/", 0, _ATTR_RDONLY), "read-only root")


def _take(file: int, lent: int, uid: int | None) -> None:
    """Takes the steps in a file straight from its pages: none of its words stays in memory."""
    plan = mmap.mmap(file, 0, flags=mmap.MAP_PRIVATE)
    os.close(file)
    pages = ctypes.c_char.from_buffer(plan)
    base = ctypes.addressof(pages)
    (count,), record = struct.unpack_from("=Q", plan), struct.Struct("=4Q")
    for number in range(count):
        call, flags, place, other = record.unpack_from(plan, 8 + number * record.size)
        if call == _BIND:
            result = _bind(base + other, base + place, flags, lent, uid)
        else:
            result = _CALLS[call](base + place, base + other, flags)
        if result < 0 and ctypes.get_errno() != errno.EEXIST:
            raise OSError(ctypes.get_errno(), f"#{number} {os.strerror(ctypes.get_errno())}")
    del pages
    plan.close()


def _file(place: int, _: int, __: int) -> int:
    descriptor: int = _libc.creat(place, 0o444)
    return descriptor if descriptor < 0 else int(_libc.close(descriptor))


# See ``rootfs``, which writes the steps.
_BIND = 5
_CALLS = (
    lambda place, _, __: _libc.mkdir(place, 0o755),
    _file,
    lambda place, target, _: _libc.symlink(target, place),
    lambda place, kind, flags: _libc.mount(kind, place, kind, flags, None),
    lambda place, options, flags: _libc.mount(_TMPFS, place, _TMPFS, flags, options),
)


def _bind(source: int, place: int, flags: int, lent: int, uid: int | None) -> int:
    """Shows a tree at another place; ``flags`` are mount attributes and our own two."""
    tree = _libc.syscall(
        _L(_OPEN_TREE), _L(_HERE), _P(source), _L(_TREE_CLONE | _TREE_CLOEXEC | _RECURSIVE)
    )
    if tree < 0:
        return -1
    attributes = flags & ~(_LENT | _OWNED)
    result = -1
    if flags & _LENT and lent >= 0:
        result = _set_attributes(tree, b"", _ALL_BELOW, attributes | _ATTR_IDMAP, lent)
    if result < 0:
        # Not every file system can lend its files; then the folder changes hands.
        result = _set_attributes(tree, b"", _ALL_BELOW, attributes)
        if result == 0 and flags & _OWNED and uid is not None:
            result = _libc.fchownat(tree, b"", uid, uid, _EMPTY_PATH)
    if result == 0:
        result = _libc.syscall(
            _L(_MOVE_MOUNT), _L(tree), b"", _L(_HERE), _P(place), _L(_FROM_EMPTY_PATH)
        )
    os.close(tree)
    return int(result)


def _set_attributes(folder: int, path: bytes, scope: int, wanted: int, lent: int = 0) -> int:
    attributes = struct.pack("=4Q", wanted, 0, 0, lent)
    size = _L(len(attributes))
    return int(_libc.syscall(_L(_MOUNT_SETATTR), _L(folder), path, _L(scope), attributes, size))


def _give_up_rights(uid: int | None, rules: bytes) -> None:
    """Drops capabilities, groups and root's number, and restricts the calls into the kernel."""
    for capability in range(_MOST_CAPABILITIES):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    _check(_libc.capset(header, bytes(24)), "capabilities")
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
    # The candidate has the same number, and shall not look into this process.
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "closed memory")
    buffer = ctypes.create_string_buffer(rules, len(rules))
    program = struct.pack("@HP", len(rules) // 8, ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, program, 0, 0), "seccomp")


def _watch(child: int, caller: int, kept: list[int]) -> NoReturn:
    """Reaps until the candidate or the caller ends; the kernel then kills the rest."""
    # Only the candidate may hold its pipes, or their end would never be seen.
    nothing = os.open("/dev/null", os.O_RDWR)
    _keep_only([nothing, nothing, nothing, caller, *kept])
    caller = 3
    woken, waker = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(waker, False)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # from below: ignored
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    events = select.poll()
    for descriptor in (woken, caller):
        events.register(descriptor, select.POLLIN)
    while True:
        pid = 1
        while pid:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                os._exit(code if code >= 0 else 128 - code)
        if caller in (descriptor for descriptor, _ in events.poll()):
            os._exit(_SETUP_FAILED)
        os.read(woken, 4096)


def _arrange(streams: list[int], status: int, plan: dict[str, Any]) -> None:
    """Makes the candidate of the first process's copy: limits, variables, descriptors."""
    for kind, *wanted in plan["limits"]:
        _, most = resource.getrlimit(kind)
        unlimited = most == resource.RLIM_INFINITY
        soft, hard = wanted if unlimited else (min(limit, most) for limit in wanted)
        resource.setrlimit(kind, (soft, hard))
    _check(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "open memory")
    os.chdir(plan["cwd"])
    os.environ.clear()  # noqa: TID251 - the candidate's
    os.environ.update(plan["environment"])  # noqa: TID251 - the candidate's
    os.write(status, b"ok")
    _keep_only([os.open("/dev/null", os.O_RDONLY), *streams, status])
    # Its end tells the caller that the program has been reached.
    plan["status"] = 1 + len(streams)
    os.set_inheritable(plan["status"], False)  # noqa: FBT003 - the standard library's form


def _keep_only(descriptors: list[int]) -> None:
    """Renumbers descriptors from 0 on and closes all others."""
    spare = [fcntl.fcntl(each, fcntl.F_DUPFD, _FIRST_SPARE) for each in descriptors]
    for number, descriptor in enumerate(spare):
        os.dup2(descriptor, number)
    os.closerange(len(spare), _MANY)


def _become(plan: dict[str, Any]) -> None:
    """Runs the candidate's program, here if that is the same as afresh; never returns."""
    argv = plan["argv"]
    afresh = plan["afresh"]
    _reset_signals()
    if not plan["warm"] or not afresh.is_plain(argv):
        try:
            os.execvp(argv[0], argv)  # noqa: S606 - running untrusted programs is the point
        except OSError as error:
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
            os._exit(_NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE)
    os.close(plan["status"])
    # As an interpreter does when it starts.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    afresh.run(argv)


def _reset_signals() -> None:
    """Undoes what callers ignore or block: a worker, for instance, ignores Ctrl-C."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    _become(main())
