"""Level L5: a separate kernel, by any program that runs OCI bundles."""

import json
import os
import resource
import select
import shutil
import subprocess  # noqa: TID251 - the runtime's own clean-up
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import seccomp, subtree, view
from filial.sandboxes.base import Command, Level, Limits
from filial.sandboxes.cgroups import Cgroup
from filial.sandboxes.meter import Meter, Reading
from filial.sandboxes.process import WatchedProcess
from filial.sandboxes.run import execute
from filial.sandboxes.streams import Channels, read_waiting

_RUNSC = ("runsc", "--network=none", "--ignore-cgroups", "--oci-seccomp")
_IN, _OUT = 3, 4
_READY = b"@"
_TALKS = f"exec {_IN}<&0 {_OUT}>&1 </dev/null 1>&2; "
_PROLOGUE = 'printf @; {talks}"$@" </dev/null; exit "$?"'
_PATIENCE_S = 30.0
_HOST_TASKS = 4096
_KERNEL = "cat /proc/version; echo; cat /proc/sys/kernel/random/boot_id"
_RLIMITS = {
    name: getattr(resource, name)
    for name in ("RLIMIT_CORE", "RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_NOFILE")
}
_PROTECTED = ("bus", "fs", "irq", "sys", "sysrq-trigger")
_MASKED = ("acpi", "kcore", "keys", "latency_stats", "timer_list", "sched_debug", "scsi")


class Oci:
    """Runs each command in a container of an OCI runtime.

    What is asked of a runtime is in ``docs/sandbox-adapters.md``. Filial writes a bundle with a
    read-only root of bind mounts, no network, no capabilities, limits and the environment, and
    runs ``RUNTIME --root STATE run --bundle DIR ID``. Questions come in on standard input and
    answers leave on standard output of the container; a shell in it hands them on as FILIAL_IN
    and FILIAL_OUT_FD. With data pipes the program's own standard output therefore goes to its
    standard error.

    Args:
        runtime: The program with its global options; None for gVisor's ``runsc`` from PATH.

    Attributes:
        runtime: The program and its global options.
        level: L5 if the kernel inside is not the host's, measured by running a program that tells
            which it is; L3 otherwise.

    Raises:
        SandboxError: There is no such program, or it cannot run even that.

    What this does not cover: the kernel inside is as good as the runtime. CPU time and memory
    include the runtime's own. Processes inside are counted by nobody unless the runtime heeds
    ``linux.resources.pids`` or RLIMIT_NPROC; then they are refused, and the tree is not ended.
    """

    def __init__(self, runtime: Sequence[str] | None = None) -> None:
        program, *options = runtime or _RUNSC
        found = shutil.which(program)
        if found is None:
            raise SandboxError(
                f"no OCI runtime with a kernel of its own: {program} is not on PATH"
            )
        self.program = Path(found)
        self.runtime = (found, *options)
        self.level: Level = Level.L3
        if self._has_own_kernel():
            self.level = Level.L5

    def start(self, command: Command) -> WatchedProcess:
        """Starts ``command``.

        Raises:
            SandboxError: A folder is missing, or the runtime refused.
        """
        name = uuid.uuid4().hex
        setting = subtree.Setting(
            name=str(self.program.name),
            plan=partial(self._plan, command, name),
            keeps_pipes=False,
            ready=partial(_await_program, self.program.name, command),
            group=partial(_group, command.limits),
            meter=_Uncounted,
            close=partial(self._forget, name),
        )
        return subtree.start(command, setting)

    def _plan(self, command: Command, name: str, scratch: Path, theirs: Channels) -> subtree.Plan:
        bundle = scratch / "bundle"
        rules = seccomp.oci_profile(own_kernel=self.level is Level.L5)
        _write_bundle(bundle, command, rules, pipes=bool(theirs.data_ends()))
        verb = ("run", "--bundle", str(bundle), name)
        return {
            "argv": (*self.runtime, "--root", str(scratch / "state"), *verb),
            "environment": {"PATH": os.defpath, "HOME": str(scratch)},
            "cwd": str(bundle),
            "rlimits": (),
        }

    def _forget(self, name: str, scratch: Path) -> None:
        """Has the runtime let go of what it may hold outside of its state folder."""
        state = scratch / "state"
        if (state / name).exists() or any(state.glob(f"*{name}*")):
            arguments = (*self.runtime, "--root", str(state), "delete", "--force", name)
            with suppress(subprocess.TimeoutExpired):
                subprocess.run(  # noqa: S603 - the runtime
                    arguments, capture_output=True, check=False, timeout=_PATIENCE_S
                )

    def _has_own_kernel(self) -> bool:
        """Asks inside which kernel that is.

        Raises:
            SandboxError: There was no answer.
        """
        outcome = execute(self, Command(argv=("/bin/sh", "-c", _KERNEL), code=Path("/usr")))
        version, _, boot = outcome.stdout.decode(errors="replace").partition("\n\n")
        if not version.strip():
            words = outcome.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise SandboxError(f"{self.program.name} runs nothing: {words}")
        same_version = version.strip() == Path("/proc/version").read_text().strip()
        host_boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return boot.strip() != host_boot if boot.strip() else not same_version


class _Uncounted:
    """Reads the runtime's processes, but not their number: they are not the candidate's.

    Args:
        root: Process id of the launcher.
    """

    def __init__(self, root: int) -> None:
        self._meter = Meter(root)

    def read(self) -> Reading:
        reading = self._meter.read()
        return Reading(
            cpu_s=reading.cpu_s,
            memory_bytes=reading.memory_bytes,
            memory_peak_bytes=0,
            tasks=0,
        )

    def shared_once_bytes(self) -> int:
        return self._meter.shared_once_bytes()


def _group(limits: Limits) -> Cgroup | None:
    """A control group for the runtime and all it starts, where one is to be had."""
    try:
        return Cgroup.create(memory_bytes=limits.memory_bytes, processes=_HOST_TASKS)
    except SandboxError:
        return None


def _await_program(name: str, command: Command, ours: Channels) -> None:
    """Waits until the shell is there.

    Raises:
        SandboxError: The runtime ended instead; its own words say why.
    """
    stream = ours.answers if command.pipes else ours.stdout
    events = select.poll()
    events.register(stream, select.POLLIN)
    events.poll(_PATIENCE_S * 1000)
    try:
        is_there = os.read(stream, 1) == _READY
    except BlockingIOError:
        is_there = False
    if not is_there:
        words = read_waiting(ours.stderr).decode(errors="replace").strip().rpartition("\n")[2]
        raise SandboxError(f"{name} could not start: {words or 'it said nothing'}")


def _write_bundle(
    bundle: Path, command: Command, rules: Mapping[str, object], *, pipes: bool
) -> None:
    """Writes ``config.json`` and the empty root that the mounts are put on."""
    root = bundle / "rootfs"
    root.mkdir(parents=True)
    nothing = bundle / "nothing"
    nothing.touch(mode=0o444)
    mounts, links = _mounts(command, nothing)
    for place, target in links.items():
        _inside(root, place).parent.mkdir(parents=True, exist_ok=True)
        _inside(root, place).symlink_to(target)
    ends = (_IN, _OUT) if pipes else ()
    variables = view.environment(command, view.INSIDE, ends)
    prologue = _PROLOGUE.format(talks=_TALKS if pipes else "")
    resources = {
        "memory": {"limit": command.limits.memory_bytes},
        "pids": {"limit": command.limits.processes + view.SPARE_TASKS},
    }
    config = {
        "ociVersion": "1.0.2",
        "hostname": "sandbox",
        "root": {"path": "rootfs", "readonly": True},
        "process": {
            "terminal": False,
            "user": {"uid": os.geteuid(), "gid": os.getegid()},
            "args": ("/bin/sh", "-c", prologue, "sh", *view.argv(command)),
            "env": [f"{name}={value}" for name, value in variables.items()],
            "cwd": str(view.INSIDE.code),
            "capabilities": dict.fromkeys(
                ("bounding", "effective", "inheritable", "permitted", "ambient"), ()
            ),
            "noNewPrivileges": True,
            "rlimits": _rlimits(command.limits),
        },
        "mounts": mounts,
        "linux": {
            **_namespaces(),
            "resources": resources,
            "seccomp": rules,
            "maskedPaths": [f"/proc/{name}" for name in _MASKED] + ["/sys"],
            "readonlyPaths": [f"/proc/{name}" for name in _PROTECTED],
        },
    }
    (bundle / "config.json").write_text(json.dumps(config))


def _namespaces() -> dict[str, object]:
    """All but that of users, which only those need who are not root."""
    kinds = ["pid", "network", "ipc", "uts", "mount", "cgroup"]
    if os.geteuid() == 0:
        return {"namespaces": [{"type": kind} for kind in kinds]}
    uid, gid = os.geteuid(), os.getegid()
    return {
        "namespaces": [{"type": kind} for kind in (*kinds, "user")],
        "uidMappings": [{"containerID": uid, "hostID": uid, "size": 1}],
        "gidMappings": [{"containerID": gid, "hostID": gid, "size": 1}],
    }


def _rlimits(limits: Limits) -> list[dict[str, object]]:
    wanted = view.rlimits(limits)
    return [
        {"type": name, "soft": wanted[number][0], "hard": wanted[number][1]}
        for name, number in _RLIMITS.items()
    ]


def _mounts(command: Command, nothing: Path) -> tuple[list[object], dict[Path, Path]]:
    """Everything that is mounted, in order, and the links that must stay links."""
    scratch_bytes = command.limits.disk_bytes
    shared_bytes = view.shared_memory_bytes(command.limits)
    mounts: list[object] = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        _memory(Path("/dev"), "size=65536", "mode=755", "nosuid"),
        _memory(Path("/tmp"), f"size={scratch_bytes}", "mode=1777", "nosuid", "nodev"),  # noqa: S108
        _memory(Path("/dev/shm"), f"size={shared_bytes}", "mode=1777", "nosuid", "nodev"),  # noqa: S108
    ]
    links = {}
    for path, target in view.shown():
        if target is not None:
            links[path] = target
        else:
            mounts.append(_bound(path, path))
    hidden = view.hidden()
    masks: dict[Path, Path | None] = {hidden: None} if hidden else {}
    mounts += _masked({**masks, **command.masks}, nothing)
    mounts.append(_bound(command.code, view.INSIDE.code))
    if command.out is not None:
        mode = "ro" if command.out_is_readonly else "rw"
        mounts.append(_bound(command.out, view.INSIDE.out, mode))
    if command.data is not None:
        mounts.append(_bound(command.data, view.INSIDE.data))
    mounts += [_bound(path, Path("/in") / name) for name, path in command.inputs.items()]
    return mounts, links


def _masked(masks: Mapping[Path, Path | None], nothing: Path) -> Iterable[object]:
    """Puts something else, or nothing, over paths shown so far; outer ones first."""
    for path, shown in view.masked(masks):
        if shown is None and path.is_dir():
            yield _memory(path, "size=4096", "mode=555", "ro")
        else:
            yield _bound(shown or nothing, path)


def _bound(source: Path, destination: Path, mode: str = "ro") -> dict[str, object]:
    return {
        "destination": str(destination),
        "type": "bind",
        "source": str(source.resolve()),
        "options": ("rbind", "nosuid", "nodev", mode),
    }


def _memory(destination: Path, *options: str) -> dict[str, object]:
    return {
        "destination": str(destination),
        "type": "tmpfs",
        "source": "tmpfs",
        "options": options,
    }


def _inside(root: Path, place: Path) -> Path:
    return root / place.relative_to("/")
