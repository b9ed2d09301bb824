"""Isolated start and end of a program at each level, beside a plain process, in one run.

    python benchmarks/sandbox_start.py [N]

Prints one JSON line: median wall milliseconds of N runs of an empty and a numpy program.
"""

import json
import statistics
import subprocess  # noqa: TID251 - the plain process to compare with
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import Command, Level, Sandbox, at, execute

PROGRAMS = {"pass": "pass", "import numpy": "import numpy"}


def plainly(program: str) -> None:
    """Runs a program as it is."""
    subprocess.run([sys.executable, "-c", program], check=True)


def inside(sandbox: Sandbox, code: Path) -> Callable[[str], None]:
    """Returns a function that runs a program in ``sandbox``."""

    def run(program: str) -> None:
        outcome = execute(sandbox, Command(argv=("python", "-c", program), code=code))
        assert outcome.rc == 0, outcome  # noqa: S101 - nothing else would be measured

    return run


def measure(n: int, code: Path) -> dict[str, dict[str, float]]:
    """Median of ``n`` interleaved runs, after one that is not counted."""
    runners: dict[str, Callable[[str], None]] = {"plain": plainly}
    for level in (Level.L2, Level.L3, Level.L4):
        try:
            runners[str(level)] = inside(at(level), code)
        except SandboxError:
            continue
    times: dict[tuple[str, str], list[float]] = {}
    for round_ in range(n + 1):
        for name, run in runners.items():
            for label, program in PROGRAMS.items():
                begin = time.perf_counter()
                run(program)
                if round_:
                    elapsed = 1000 * (time.perf_counter() - begin)
                    times.setdefault((name, label), []).append(elapsed)
    return {
        name: {label: round(statistics.median(times[name, label]), 1) for label in PROGRAMS}
        for name in runners
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 15, Path(folder))))
