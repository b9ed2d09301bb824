"""Which sandbox this machine can give, measured rather than assumed."""

import json
import os
import secrets
import socket
import subprocess  # noqa: TID251 - the one place that starts candidates
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import view
from filial.sandboxes.base import Command, EndedBy, Level, Limits, Sandbox
from filial.sandboxes.bubblewrap import Bubblewrap
from filial.sandboxes.landlock import Landlock

_PROBE = Path(__file__).with_name("probe.py")
_LIMITS = Limits(wall_s=10.0, cpu_s=5.0, memory_bytes=256 << 20, disk_bytes=1 << 20)
_WORD = b"hello\n"
_CONTROL = "run a benign program"
_ATTACKS = (
    "read a file of the host",
    "write outside",
    "connect over TCP",
    "signal another process",
    "share the caller's process group",
    "read another process's environment",
    "inherit the caller's environment",
)
# Set by shells, not by us.
_SHELL_VARIABLES = frozenset({"PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One row of the self-test.

    Attributes:
        name: What the program inside tried.
        level: Level that was tested.
        passed: The benign program worked, or the attack failed.
        detail: One line on what went wrong; empty if nothing did.
    """

    name: str
    level: Level
    passed: bool
    detail: str = ""


_BACKENDS: dict[Level, Callable[[], Sandbox]] = {
    Level.L4: lambda: Bubblewrap(Level.L4),
    Level.L3: lambda: Bubblewrap(Level.L3),
    Level.L2: Landlock,
}


def best(minimum: Level = Level.L3) -> Sandbox:
    """Returns the sandbox of the highest level that passes the self-test here.

    Args:
        minimum: Lowest level to accept; L2 must be asked for, and nothing below it is given.

    Raises:
        SandboxError: No level from ``minimum`` on passes; says what was tried and what failed.
    """
    if minimum < Level.L2:
        raise SandboxError(f"{minimum} does not isolate; the lowest level is {Level.L2}")
    tried = []
    for level in _BACKENDS:
        if level < minimum:
            continue
        try:
            return at(level)
        except SandboxError as error:
            tried.append(str(error))
    reasons = "; ".join(tried) or "no back-end reaches it"
    raise SandboxError(f"no sandbox of level {minimum} or above here: {reasons}")


def at(level: Level) -> Sandbox:
    """Returns the sandbox of exactly this level, if it passes the self-test.

    Raises:
        SandboxError: It does not, or there is none of this level.
    """
    if level not in _BACKENDS:
        raise SandboxError(f"there is no sandbox of level {level}; use {', '.join(_BACKENDS)}")
    sandbox = _BACKENDS[level]()
    failed = [f"{probe.name} ({probe.detail})" for probe in probes(sandbox) if not probe.passed]
    if failed:
        raise SandboxError(f"{level} fails its self-test: {', '.join(failed)}")
    return sandbox


def check() -> list[Probe]:
    """Tests every level and returns all rows, highest level first."""
    rows = []
    for level, make in _BACKENDS.items():
        try:
            rows += probes(make())
        except SandboxError as error:
            rows.append(Probe(name=_CONTROL, level=level, passed=False, detail=str(error)))
    return rows


def probes(sandbox: Sandbox) -> list[Probe]:
    """Runs a benign program that then attacks; returns one row for it and one for each attack.

    An attack counts as failed only if the benign part worked: a sandbox in which nothing runs
    stops everything and is worth nothing.
    """
    level = sandbox.level
    try:
        won = _won(sandbox)
    except SandboxError as error:
        return [Probe(name=_CONTROL, level=level, passed=False, detail=str(error))]
    return [Probe(name=_CONTROL, level=level, passed=True)] + [
        Probe(
            name=name,
            level=level,
            passed=name not in won,
            detail="the attack worked" if name in won else "",
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
            "namespace": str(Path("/proc/self/ns/pid").readlink()),
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
            won.add("inherit the caller's environment")
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
    answer = bytearray()
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
    if outcome.ended_by is not EndedBy.EXIT or outcome.rc != 0:
        words = outcome.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise SandboxError(f"the benign program ended by {outcome.ended_by}: {words}")
    report = json.loads(answer)
    return _Report(
        report["word"].encode(),
        frozenset(report["variables"]) - _SHELL_VARIABLES,
        frozenset(report["won"]),
    )


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
