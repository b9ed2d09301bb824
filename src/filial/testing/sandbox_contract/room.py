"""Folders and small programs to try a sandbox with, and what to attack."""
# ruff: noqa: S101 - part of a suite

import socket
import subprocess  # noqa: TID251 - victims, outside of every sandbox
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filial.sandboxes.base import Command, Limits, Outcome, Process, Sandbox

SMALL = Limits(
    wall_s=20.0,
    cpu_s=10.0,
    memory_bytes=128 << 20,
    processes=16,
    output_bytes=1 << 20,
    disk_bytes=16 << 20,
)
SLEEPER = "import time; time.sleep(600)"


class Room:
    """One sandbox with folders to run programs in."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self.code = folder / "code"
        self.out = folder / "out"
        self.data = folder / "data"
        for each in (self.code, self.out, self.data):
            each.mkdir()

    def start(self, program: str, *arguments: str, **changes: Any) -> Process:
        """Starts a Python program."""
        (self.code / "main.py").write_text(textwrap.dedent(program))
        options = {
            "argv": ("python", "main.py", *arguments),
            "code": self.code,
            "out": self.out,
            "data": self.data,
            "limits": SMALL,
        }
        return self._sandbox.start(Command(**{**options, **changes}))

    def run(self, program: str, *arguments: str, **changes: Any) -> Outcome:
        """Runs a Python program to its end."""
        with self.start(program, *arguments, **changes) as process:
            return process.wait()

    def try_to(self, program: str, *arguments: str) -> str:
        """Runs a program that may fail in the end, but must have come as far as the attack.

        Returns what it printed after that.
        """
        outcome = self.run("print('before', flush=True)\n" + textwrap.dedent(program), *arguments)
        assert outcome.stdout.startswith(b"before\n"), outcome
        return outcome.stdout.decode().removeprefix("before\n")


def within(**changes: float) -> Limits:
    """The small limits with some changed."""
    fields = {name: getattr(SMALL, name) for name in Limits.__slots__}
    return Limits(**{**fields, **changes})


def named(token: str) -> list[int]:
    """The processes of this machine that have ``token`` among their arguments."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if token.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def gone(token: str, patience_s: float = 10.0) -> bool:
    """Waits until no process is named so; whether that came true in time."""
    give_up = time.monotonic() + patience_s
    while named(token) and time.monotonic() < give_up:
        time.sleep(0.01)
    return not named(token)


@contextmanager
def victim_process() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the host that only sleeps."""
    with subprocess.Popen(["/bin/sleep", "60"], start_new_session=True) as victim:
        try:
            yield victim
        finally:
            victim.kill()


@contextmanager
def listener(family: int, address: Any) -> Iterator[socket.socket]:
    """A server of the host that nobody may reach."""
    with socket.socket(family) as server:
        server.bind(address)
        server.listen()
        server.setblocking(False)  # noqa: FBT003 - the standard library's form
        yield server


def was_reached(server: socket.socket) -> bool:
    """Whether somebody connected."""
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True
