"""Which sandbox this machine can give, measured rather than assumed."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from filial.errors import SandboxError
from filial.sandboxes import hindrances
from filial.sandboxes.base import Level, Sandbox
from filial.sandboxes.bubblewrap import Bubblewrap
from filial.sandboxes.cgroups import NO_GROUP
from filial.sandboxes.landlock import Landlock
from filial.sandboxes.namespaces import Namespaces
from filial.sandboxes.oci import Oci
from filial.sandboxes.passes import Passes, cache_folder
from filial.sandboxes.posix import Posix
from filial.sandboxes.selftest import CONTROL, Probe, failed_start, probes

Make = Callable[[], Sandbox]


def _oci() -> Sandbox:
    given = os.environ.get("FILIAL_OCI_RUNTIME", "")  # noqa: TID251 - as PATH names programs
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise SandboxError(f"FILIAL_OCI_RUNTIME cannot be read: {error}") from None
    sandbox = Oci(words or None)
    if sandbox.level is not Level.L5:
        raise SandboxError(f"{sandbox.program.name} runs programs on the host's kernel")
    return sandbox


_BACKENDS: Mapping[Level, Mapping[str, Make]] = {
    Level.L5: {"Oci": _oci},
    Level.L4: {
        "Namespaces": partial(Namespaces, Level.L4),
        "Bubblewrap": partial(Bubblewrap, Level.L4),
    },
    Level.L3: {"Namespaces": Namespaces, "Bubblewrap": Bubblewrap},
    Level.L2: {"Landlock": Landlock},
    Level.L1: {"Posix": Posix},
}
"""What gives each level, tried in this order; highest level first."""

_LOST = {
    Level.L5: "a kernel of its own",
    Level.L4: "caps by the kernel on memory, processes and CPU time of the whole tree",
    Level.L3: "namespaces and a root of its own: names and sizes of the host's files are seen",
    Level.L2: "every protection of the host's files, processes and network",
}
"""What goes with each level."""


def best(minimum: Level = Level.L3, system: str = sys.platform) -> Sandbox:
    """Returns the sandbox of the highest level that passes the self-test here.

    A separate kernel costs so much at each start that L5 must be asked for: it is taken only if
    it is the minimum.

    Args:
        minimum: Lowest level to accept. L2 must be asked for; L1, too, and it is given only where
            the system has nothing better, which is not so on Linux.
        system: ``sys.platform`` of the machine.

    Raises:
        SandboxError: No level from ``minimum`` on passes; says what was tried, what failed and
            what the next level would lack.
    """
    lowest = Level.L2 if system == "linux" else Level.L1
    if minimum < lowest:
        raise SandboxError(f"{minimum} does not isolate; the lowest level here is {lowest}")
    tried = []
    for level in _offered(system):
        if level < minimum or (level is Level.L5 and minimum < Level.L5):
            continue
        try:
            return at(level)
        except SandboxError as error:
            tried.append(str(error))
    reasons = "; ".join(tried) or "no back-end reaches it"
    raise SandboxError(
        f"no sandbox of level {minimum} or above here: {reasons}; below it is lost: "
        f"{_LOST[minimum]}"
    )


def at(level: Level) -> Sandbox:
    """Returns a sandbox of exactly this level, the first that passes the self-test.

    A test that has passed since the machine was started is not repeated.

    Raises:
        SandboxError: None does, or there is none of this level.
    """
    backends = _BACKENDS.get(level, {})
    if not backends:
        raise SandboxError(f"there is no sandbox of level {level}; use {', '.join(_BACKENDS)}")
    passes, failures = Passes(cache_folder()), []
    for name, make in backends.items():
        try:
            sandbox = make()
        except SandboxError as error:
            failures.append(str(error))
            continue
        program = getattr(sandbox, "program", None)
        if passes.has(_what(name, sandbox), program):
            return sandbox
        rows = probes(sandbox)
        failed = [row for row in rows if row.is_failure]
        if not failed:
            passes.add(_what(name, sandbox), program)
            return sandbox
        failures.append(f"{name}: {_told(failed)}")
    raise SandboxError(f"{level} fails its self-test: {_explained(level, failures)}")


def check(system: str = sys.platform) -> list[Probe]:
    """Tests every back-end of every level anew and returns all rows, highest level first."""
    passes, rows = Passes(cache_folder()), []
    for level in _offered(system):
        for name, make in _BACKENDS[level].items():
            try:
                sandbox = make()
            except SandboxError as error:
                rows.append(_with_cause(failed_start(level, name, str(error))))
                continue
            program = getattr(sandbox, "program", None)
            found = [_with_cause(row) for row in probes(sandbox)]
            note = passes.drop if any(row.is_failure for row in found) else passes.add
            note(_what(name, sandbox), program)
            rows += found
    return rows


def _what(name: str, sandbox: Sandbox) -> str:
    """What a pass is for: with other options a runtime is another one."""
    return " ".join((name, str(sandbox.level), *getattr(sandbox, "runtime", ())))


def reached(rows: Sequence[Probe]) -> Level:
    """Returns the best level that works without being asked for, up to L4; L0 for none.

    Args:
        rows: What ``check`` returned.
    """
    return max(_working(rows) - {Level.L5}, default=Level.L0)


def losses(rows: Sequence[Probe]) -> Iterator[str]:
    """Yields a line for each level above the best that works: why it does not, and what is lost.

    Args:
        rows: What ``check`` returned.
    """
    here, works = reached(rows), _working(rows)
    for level in sorted({row.level for row in rows} - works):
        if level > here:
            failed = [row for row in rows if row.level is level and row.is_failure]
            reasons = dict.fromkeys(_told([row]) for row in failed)
            yield f"{here} instead of {level}: {'; '.join(reasons)}; lost: {_LOST[level]}"


def _working(rows: Sequence[Probe]) -> set[Level]:
    """The levels of which at least one back-end holds what the level claims."""
    failed = {(row.level, row.backend) for row in rows if row.is_failure}
    return {row.level for row in rows if (row.level, row.backend) not in failed}


def _offered(system: str) -> Iterator[Level]:
    """The levels that have a back-end on such a system; all but one are for Linux."""
    return (level for level in _BACKENDS if system == "linux" or level is Level.L1)


def _with_cause(row: Probe) -> Probe:
    if row.name != CONTROL or row.passed:
        return row
    return replace(row, detail=_explained(row.level, [row.detail]))


def _told(failed: Sequence[Probe]) -> str:
    """What went wrong: the reason alone if nothing ran at all."""
    return ", ".join(
        row.detail if row.name == CONTROL else f"{row.name} ({row.detail})" for row in failed
    )


def _explained(level: Level, failures: Sequence[str]) -> str:
    """Failures, each said once, with what in the kernel's settings may be the cause."""
    text = "; ".join(dict.fromkeys(failures))
    causes: tuple[str, ...] = ()
    if NO_GROUP in text:
        causes = hindrances.of_groups()
    elif level in {Level.L3, Level.L4}:
        causes = hindrances.of_namespaces()
    return f"{text} ({', '.join(causes)})" if causes else text
