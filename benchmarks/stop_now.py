"""How long ``filial stop --now`` takes while candidates fork for ever, at each level.

    python benchmarks/stop_now.py [N]

Prints one JSON line: for each level, with and without worker processes, median seconds of N runs
from the command's first step against the run until no process of the study is left (``ended``),
and of the whole command (``command``), beside the same command where nothing runs (``idle``).
"""

import json
import statistics
import subprocess  # noqa: TID251 - runs to stop
import sys
import tempfile
import time
from pathlib import Path

from filial.cli.processes import kill
from filial.errors import SandboxError
from filial.sandboxes import Level, at
from filial.testing.fork_bomb import await_explosion, command, make_study, marked, new_token

WORKERS = (0, 2)


def stop(folder: Path) -> float:
    """Seconds that the command takes."""
    begin = time.perf_counter()
    words = [sys.executable, "-m", "filial", "stop", str(folder), "--now"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin


def once(level: Level, workers: int, *, by_command: bool) -> float:
    """Seconds that it takes to stop one run."""
    with tempfile.TemporaryDirectory() as place:
        folder, token = Path(place, "s"), new_token()
        make_study(folder, token)
        run = command(folder, str(level), workers)
        with subprocess.Popen(run, start_new_session=True, stderr=subprocess.DEVNULL) as process:
            try:
                await_explosion(token, lambda: process.poll() is None)
                if by_command:
                    return stop(folder)
                begin = time.perf_counter()
                assert kill(process.pid)  # noqa: S101 - nothing else would be measured
                elapsed = time.perf_counter() - begin
                assert not marked(token), "something is left"  # noqa: S101
                return elapsed
            finally:
                process.kill()


def measure(n: int) -> dict[str, object]:
    """Medians of ``n`` runs each."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        make_study(Path(place, "s"), "idle")
        figures["idle"] = round(statistics.median(stop(Path(place, "s")) for _ in range(n)), 2)
    for level in (Level.L2, Level.L3, Level.L4):
        try:
            at(level)
        except SandboxError:
            continue
        for workers in WORKERS:
            ended = [once(level, workers, by_command=False) for _ in range(n)]
            whole = [once(level, workers, by_command=True) for _ in range(n)]
            figures[f"{level}, {workers} workers"] = {
                "ended": round(statistics.median(ended), 2),
                "command": round(statistics.median(whole), 2),
            }
    return figures


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3)))
