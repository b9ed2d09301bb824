"""Isolated start and end of a program at each level, beside a plain process, in one run.

    python benchmarks/sandbox_start.py [N [COLUMN...]]

Prints one JSON line: median and least wall milliseconds of N interleaved runs of an empty, a numpy
and a torch program. In a warm column the program continues in a copy of an interpreter that has
the module. Columns: plain, L2, bubblewrap L3, L3, L4, warm L3, warm L4; those that this machine
cannot give are left out.
"""

import json
import statistics
import subprocess  # noqa: TID251 - the plain process to compare with
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from filial.errors import SandboxError
from filial.sandboxes import (
    Bubblewrap,
    Command,
    Landlock,
    Level,
    Namespaces,
    Sandbox,
    execute,
)

PROGRAMS = {"pass": "", "import numpy": "numpy", "import torch": "torch"}
COLUMNS: dict[str, tuple[Callable[[], Sandbox], bool]] = {
    "L2": (Landlock, False),
    "bubblewrap L3": (Bubblewrap, False),
    "L3": (Namespaces, False),
    "L4": (lambda: Namespaces(Level.L4), False),
    "warm L3": (Namespaces, True),
    "warm L4": (lambda: Namespaces(Level.L4), True),
}
Run = Callable[[str, str], None]


def plainly(program: str, _: str) -> None:
    """Runs a program as it is."""
    subprocess.run([sys.executable, "-c", program], check=True)


def inside(sandbox: Sandbox, code: Path, *, is_warm: bool) -> Run:
    """Returns a function that runs a program, which needs a module, in ``sandbox``."""

    def run(program: str, module: str) -> None:
        # Not even a zygote needs to know nothing; sys is always there.
        warm = (module or "sys",) if is_warm else ()
        argv = ("python", "-c", program)
        outcome = execute(sandbox, Command(argv=argv, code=code, warm=warm))
        assert outcome.rc == 0, outcome  # noqa: S101 - nothing else would be measured

    return run


def columns(wanted: list[str], code: Path) -> dict[str, Run]:
    """What this machine can give of the wanted columns."""
    runs: dict[str, Run] = {"plain": plainly} if "plain" in wanted else {}
    for name in wanted:
        if name != "plain":
            make, is_warm = COLUMNS[name]
            try:
                run = inside(make(), code, is_warm=is_warm)
                run("pass", "")
            except SandboxError:
                continue
            runs[name] = run
    return runs


def measure(n: int, runs: dict[str, Run]) -> dict[str, dict[str, tuple[float, float]]]:
    """Median and minimum of ``n`` interleaved runs, after one that is not counted."""
    programs = {name: of for name, of in PROGRAMS.items() if not of or find_spec(of)}
    times: dict[tuple[str, str], list[float]] = {}
    for round_ in range(n + 1):
        for name, run in runs.items():
            for program, module in programs.items():
                begin = time.perf_counter()
                run(program, module)
                if round_:
                    elapsed = 1000 * (time.perf_counter() - begin)
                    times.setdefault((name, program), []).append(elapsed)
    return {
        name: {
            program: (
                round(statistics.median(times[name, program]), 1),
                round(min(times[name, program]), 1),
            )
            for program in programs
        }
        for name in runs
    }


if __name__ == "__main__":
    n_runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as folder:
        runners = columns(sys.argv[2:] or ["plain", *COLUMNS], Path(folder))
        print(json.dumps(measure(n_runs, runners)))
