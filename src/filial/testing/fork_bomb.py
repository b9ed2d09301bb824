"""A study whose candidate forks for ever, for tests and benchmarks of how runs end.

The bomb is bounded: it never holds more than ``PROCESSES`` processes, far below the limit of every
sandbox, so that no limit ends it and the machine survives a failed defence.
"""

import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path

from filial.kits import copy

PROCESSES = 24
_PATIENCE_S = 120.0

_BOMB = f"""
import ctypes, os, signal, time

ctypes.CDLL(None).prctl(15, b"TOKEN", 0, 0, 0)

def hop():
    # Every generation leaves its session and its parent, and lives for a moment only. Not less:
    # the dead count as processes until somebody reaps them.
    while True:
        time.sleep(0.05)
        if os.fork():
            os._exit(0)
        os.setsid()

def explode():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(number, signal.SIG_IGN)
    for k in range({PROCESSES} - 4):
        if os.fork() == 0:
            os.setsid()
            if os.fork():
                os._exit(0)
            if k % 3 == 0:
                hop()
            while True:
                time.sleep(60)

def answer(question):
    explode()
    while True:
        time.sleep(60)
"""

RUN = """
import sys
from pathlib import Path
from filial.running import Surroundings, run
from filial.sandboxes import at
from filial.sandboxes.base import Level
from filial.study import Study

if __name__ == "__main__":
    folder, level, workers = sys.argv[1:]
    around = Surroundings(workers=int(workers), sandbox=at(Level(level)), audit=False)
    run(Study(Path(folder)), around)
"""
"""Runs the study FOLDER at LEVEL with WORKERS, 0 for none, as ``python -c``."""


def make_study(folder: Path, token: str) -> None:
    """Makes a study that serves the bomb."""
    copy("sums", folder)
    (folder / "code" / "answer.py").write_text(bomb(token))
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    long = 'answer = "10m"\nwall = "10m"\ncpu = "10m"'
    path.write_text(text.replace("[exam]\n", f"[exam]\n{long}\n"))


def bomb(token: str) -> str:
    """Returns the program; its processes bear the name ``token``, at most 15 characters."""
    return _BOMB.replace("TOKEN", token)


def new_token() -> str:
    """Returns a name that no other process has."""
    return f"bomb-{secrets.token_hex(5)}"


def marked(token: str) -> list[int]:
    """Returns the living processes of this machine that bear the name ``token``."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = path.read_text().rpartition(")")
        except OSError:
            continue
        if head.partition("(")[2] == token and tail.split()[0] not in "ZX":
            found.append(int(path.parent.name))
    return found


def command(folder: Path, level: str, workers: int) -> list[str]:
    """Returns the command line of a run of that study."""
    return [sys.executable, "-c", RUN, str(folder), level, str(workers)]


def await_explosion(token: str, is_running: Callable[[], bool]) -> None:
    """Waits until the bomb has gone off.

    Raises:
        RuntimeError: It does not.
    """
    give_up = time.monotonic() + _PATIENCE_S
    while len(marked(token)) < PROCESSES // 2:
        if time.monotonic() > give_up or not is_running():
            raise RuntimeError("the bomb did not go off")
        time.sleep(0.02)
