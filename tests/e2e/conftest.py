"""Runs ``filial`` as a user does, on real studies."""

import os
import re
import subprocess  # noqa: TID251 - commands are run as a user runs them
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from filial.cli import main
from filial.core import Body
from filial.storages import SqliteStorage

COMMAND = [sys.executable, "-m", "filial"]


class Cli:
    """The command line of Filial.

    Args:
        folder: Where commands run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *words: object, stdin: str = "", timeout_s: float = 120.0
    ) -> "subprocess.CompletedProcess[str]":
        """Runs one command to its end."""
        return subprocess.run(
            [*COMMAND, *map(str, words)],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def ok(self, *words: object) -> str:
        """Runs a command that must succeed, and returns what it printed."""
        done = self(*words)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def error(self, *words: object, rc: int = 1) -> str:
        """Runs a command that must fail, and returns its one line on stderr."""
        done = self(*words)
        assert done.returncode == rc, f"{words}\n{done.stdout}\n{done.stderr}"
        lines = done.stderr.splitlines()
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("filial: "), done.stderr
        return lines[0]

    @contextmanager
    def started(self, *words: object) -> "Iterator[subprocess.Popen[str]]":
        """Starts a command in a session of its own; kills it at the end if it still runs."""
        with subprocess.Popen(
            [*COMMAND, *map(str, words)],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


class Here:
    """The same command line in this process: for commands that end before a trial begins."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        monkeypatch.chdir(folder)

    def error(self, *words: str) -> str:
        """Runs a command that must fail, and returns its one line on stderr."""
        self._monkeypatch.setattr(sys, "argv", ["filial", *words])
        with pytest.raises(SystemExit) as ending:
            main()
        err = self._capsys.readouterr().err
        assert ending.value.code == 1, err
        assert re.fullmatch(r"filial: [^\n]+\n", err), err
        return err


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Here:
    return Here(tmp_path, monkeypatch, capsys)


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path)


def until(claim: Callable[[], bool], what: str, within_s: float = 60.0) -> None:
    """Waits until ``claim`` holds; fails if that takes far too long."""
    deadline = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline, f"waited too long until {what}"
        time.sleep(0.05)


def descendants(pid: int) -> set[int]:
    """Returns the living processes below ``pid``, sandboxes with sessions of their own too."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            parents[int(path.parent.name)] = int(parent)
    below = {pid}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {pid}


def is_alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def bodies(folder: Path, *kinds: type[Body]) -> list[Body]:
    """Returns the ledger's event bodies of some kinds, or all."""
    if not (folder / ".filial" / "ledger.sqlite").is_file():
        return []
    storage = SqliteStorage(folder / ".filial", clock=time.monotonic, read_only=True)
    try:
        found = [event.body for event in storage.events()]
    finally:
        storage.close()
    return [body for body in found if not kinds or isinstance(body, kinds)]


def edit(path: Path, *changes: tuple[str, str]) -> None:
    """Replaces texts that must be there."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{old!r} is not in {path}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def is_root() -> bool:
    """Whether permissions mean nothing to us."""
    return os.geteuid() == 0
