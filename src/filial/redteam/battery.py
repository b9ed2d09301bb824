"""All specimens, each in a process of its own that a lost defence may take down."""

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from filial.errors import FilialError
from filial.redteam.bench import Ending, try_out
from filial.redteam.host import check_place
from filial.redteam.specimen import Specimen
from filial.sandboxes import Sandbox, remove_tree

PATIENCE_S = 180.0
"""Seconds a specimen's whole study may take; hanging or stopping the examiner counts as a win."""


@dataclass(slots=True)
class _Trial:
    specimen: Specimen
    process: "multiprocessing.process.BaseProcess"
    inbox: Connection
    folder: Path
    until_s: float


def try_all(
    specimens: Iterable[Specimen],
    make: Callable[[], Sandbox],
    *,
    workers: int,
    own: Path | None = None,
    patience_s: float = PATIENCE_S,
) -> Generator[Ending]:
    """Yields the ending of every specimen, as they come.

    Args:
        specimens: What to try.
        make: Returns the sandbox to try it in; called in the specimen's own process.
        workers: Specimens at a time.
        own: A user's study to attack instead of the specimens' own.
        patience_s: Seconds that each may take.

    Raises:
        HostError: The folder for temporary files has too long a name.
    """
    check_place(Path(tempfile.gettempdir()), n_folders=2)
    # Forked, so that nobody imports twice; this process has no threads yet.
    context = multiprocessing.get_context("fork")
    waiting, running = list(specimens), list[_Trial]()
    level = str(make().level)
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                specimen = waiting.pop(0)
                inbox, outbox = context.Pipe(duplex=False)
                folder = Path(tempfile.mkdtemp(prefix="redteam-"))
                folder.chmod(0o755)  # what lies in it is there to be attacked
                process = context.Process(target=_run, args=(specimen, make, own, folder, outbox))
                process.start()
                outbox.close()
                until_s = time.monotonic() + patience_s
                running.append(_Trial(specimen, process, inbox, folder, until_s))
            for trial in _finished(running):
                running.remove(trial)
                yield _collect(trial, level)
    finally:
        for trial in running:
            _end(trial)


def _run(
    specimen: Specimen,
    make: Callable[[], Sandbox],
    own: Path | None,
    folder: Path,
    outbox: Connection,
) -> None:
    """Tries one specimen; all files made for it are below ``folder``, however this ends."""
    os.setsid()
    tempfile.tempdir = str(folder)
    try:
        outbox.send(try_out(specimen, make(), own))
    except FilialError as error:
        outbox.send(f"{type(error).__name__}: {error}")


def _finished(running: Sequence[_Trial]) -> list[_Trial]:
    left_s = min(trial.until_s for trial in running) - time.monotonic()
    ready = wait([trial.inbox for trial in running], max(0.0, left_s))
    now_s = time.monotonic()
    return [trial for trial in running if trial.inbox in ready or now_s >= trial.until_s]


def _collect(trial: _Trial, level: str) -> Ending:
    """What a process has to say, or what its silence means."""
    message: object = "it hung or stopped the examiner"
    if trial.inbox.poll():
        try:
            message = trial.inbox.recv()
        except EOFError:
            message = "it killed the examiner"
    _end(trial)
    if isinstance(message, Ending):
        return message
    return Ending(specimen=trial.specimen, level=level, outcome="error", escapes=(str(message),))


def _end(trial: _Trial) -> None:
    trial.inbox.close()
    if trial.process.is_alive() and trial.process.pid is not None:
        for number in (signal.SIGCONT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(trial.process.pid, number)
    trial.process.join()
    remove_tree(trial.folder)
