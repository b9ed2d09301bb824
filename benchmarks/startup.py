"""Start-up: ``import filial`` and ``filial --help`` beside a bare interpreter, in one run.

    python benchmarks/startup.py [N]

Prints one JSON line: median wall milliseconds of N starts each, and the ratio to the bare one.
"""

import json
import statistics
import subprocess  # noqa: TID251 - fresh interpreters are what is measured
import sys
import time

COMMANDS = {
    "python": [sys.executable, "-c", "pass"],
    "import filial": [sys.executable, "-c", "import filial"],
    "filial --help": [sys.executable, "-m", "filial", "--help"],
}


def wall_ms(command: list[str]) -> float:
    """Milliseconds from start to exit."""
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - begin)


def measure(n: int) -> dict[str, dict[str, float]]:
    """Median of ``n`` interleaved starts of each command, after one that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for round_ in range(n + 1):
        for name, command in COMMANDS.items():
            elapsed = wall_ms(command)
            if round_:
                times[name].append(elapsed)
    medians = {name: statistics.median(found) for name, found in times.items()}
    return {
        name: {"median_ms": round(found, 1), "to_python": round(found / medians["python"], 1)}
        for name, found in medians.items()
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 15)))
