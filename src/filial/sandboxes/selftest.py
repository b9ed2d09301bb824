"""The self-test of a sandbox: a benign program that then attacks."""

import json
import os
import secrets
import socket
import subprocess  # noqa: TID251 - a process to attack
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import view
from filial.sandboxes.base import Command, EndedBy, Level, Limits, Process, Sandbox

_PROBE = Path(__file__).with_name("probe.py")
_LIMITS = Limits(wall_s=10.0, cpu_s=5.0, memory_bytes=256 << 20, disk_bytes=1 << 20)
_WORD = b"hello\n"
_OUTLIVES, _SHARES_KERNEL = "outlive its end", "run on the host's kernel"
_INHERITS, _SHARES_GROUP = "inherit the caller's environment", "share the caller's process group"
CONTROL = "run a benign program"
_ATTACKS = (
    "read a file of the host",
    "write outside",
    "connect over TCP",
    "signal another process",
    _SHARES_GROUP,
    "read another process's environment",
    _INHERITS,
    _OUTLIVES,
    _SHARES_KERNEL,
)
# Set by shells, not by us.
_SHELL_VARIABLES = frozenset({"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One row of the self-test.

    Attributes:
        name: What the program inside tried.
        level: Level that was tested.
        backend: What gives that level: the name of its class.
        passed: The benign program worked, or the attack failed.
        claimed: Whether the level claims so; what it does not claim is told and fails nothing.
        detail: One line on what went wrong; empty if nothing did.
    """

    name: str
    level: Level
    backend: str
    passed: bool
    claimed: bool = True
    detail: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the level does not hold what it claims."""
        return self.claimed and not self.passed


def claims(level: Level, system: str = sys.platform) -> frozenset[str]:
    """The attacks that a level claims to stop on a system like ``sys.platform``."""
    if level is Level.L5:
        return frozenset(_ATTACKS)
    if level > Level.L1:
        return frozenset(_ATTACKS) - {_SHARES_KERNEL}
    # Without subreapers who starts a session of its own is out of reach.
    return frozenset({_SHARES_GROUP, _INHERITS} | ({_OUTLIVES} if system == "linux" else set()))


def failed_start(level: Level, backend: str, reason: str) -> Probe:
    """The only row of a back-end that cannot run anything."""
    return Probe(name=CONTROL, level=level, backend=backend, passed=False, detail=reason)


def probes(sandbox: Sandbox) -> list[Probe]:
    """Runs a benign program that then attacks; returns one row for it and one for each attack.

    An attack counts as failed only if the benign part worked: a sandbox in which nothing runs
    stops everything and is worth nothing.
    """
    level, backend = sandbox.level, type(sandbox).__name__
    try:
        won = _won(sandbox)
    except (SandboxError, OSError) as error:
        return [failed_start(level, backend, str(error))]
    claimed = claims(level)
    words = {True: "the attack worked", False: "not stopped at this level"}
    return [Probe(name=CONTROL, level=level, backend=backend, passed=True)] + [
        Probe(
            name=name,
            level=level,
            backend=backend,
            passed=name not in won,
            claimed=name in claimed,
            detail=words[name in claimed] if name in won else "",
        )
        for name in _ATTACKS
    ]


def _won(sandbox: Sandbox) -> set[str]:
    """The attacks that worked.

    Raises:
        SandboxError: The benign part did not work.
    """
    token = secrets.token_hex(16)
    with (
        tempfile.TemporaryDirectory(prefix="filial-") as name,
        _victim(token) as victim,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        folder = Path(name)
        code, out = folder / "code", folder / "out"
        code.mkdir()
        out.mkdir()
        (folder / "secret").write_text(token)
        (code / "probe.py").write_bytes(_PROBE.read_bytes())
        facts = {
            "token": token,
            "secret": str(folder / "secret"),
            "folders": [str(folder), str(code), "."],
            "port": server.getsockname()[1],
            "victim": victim.pid,
            "group": os.getpgrp(),
            "kernel": _kernel(),
            "namespace": _namespace(),
        }
        argv = ("python", "probe.py", json.dumps(facts))
        command = Command(argv=argv, code=code, out=out, pipes=True, limits=_LIMITS)
        report = _converse(sandbox, command)
        if report.word != _WORD or (out / "benign").read_bytes() != _WORD:
            raise SandboxError("the benign program was served wrongly")
        won = set(report.won)
        if (folder / "planted").exists() or (code / "planted").exists():
            won.add("write outside")
        if victim.poll() is not None:
            won.add("signal another process")
        if not set(view.environment(command, view.INSIDE, (0, 0))) >= report.variables:
            won.add(_INHERITS)
        return won


@dataclass(frozen=True, slots=True)
class _Report:
    word: bytes
    variables: frozenset[str]
    won: frozenset[str]


def _converse(sandbox: Sandbox, command: Command) -> _Report:
    """Sends the word and returns the report.

    Raises:
        SandboxError: There is none; says how the program ended.
    """
    answer = b""
    with sandbox.start(command) as process:
        with suppress(BrokenPipeError):  # its end says more
            os.write(process.questions, _WORD)
        process.hang_up()
        while process.poll(_LIMITS.wall_s):
            part = os.read(process.answers, 1 << 16)
            if not part:
                break
            answer += part
        outcome = process.wait()
        outlives = _is_held(process)
    if outcome.ended_by is not EndedBy.EXIT or outcome.rc != 0:
        words = outcome.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise SandboxError(f"the benign program ended by {outcome.ended_by}: {words}")
    report = json.loads(answer)
    return _Report(
        report["word"].encode(),
        frozenset(report["variables"]) - _SHELL_VARIABLES,
        frozenset(report["won"]) | ({_OUTLIVES} if outlives else set()),
    )


def _is_held(process: Process) -> bool:
    """Whether somebody has the pipe of the answers open though the tree has ended."""
    try:
        return bool(os.read(process.answers, 1))
    except BlockingIOError:
        return True


def _kernel() -> tuple[str, str]:
    """What tells this kernel from others: its boot, where it has a number, and its version."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text() if boot.exists() else "", " ".join(os.uname()[2:])


def _namespace() -> str:
    """The namespace of process ids; empty where there are none."""
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


@contextmanager
def _victim(token: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of ours to attack, with ``token`` in its environment; it ends when we do."""
    with subprocess.Popen(
        ["/bin/cat"], stdin=subprocess.PIPE, env={"TOKEN": token}, start_new_session=True
    ) as victim:
        try:
            yield victim
        finally:
            victim.kill()
