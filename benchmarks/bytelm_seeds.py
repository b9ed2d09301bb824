"""The main job: bytelm for 15 minutes, on several study seeds, measured on the sealed split.

    python benchmarks/bytelm_seeds.py [SEED ...]      default: 1 2 3; about 18 minutes each

Makes a study for each seed, runs it with all CPUs, compares F0 with the last generation on the
sealed split over 5 fresh seeds, and prints one JSON line a study. Uses the command line only.
"""

import json
import re
import subprocess  # noqa: TID251 - the command line is what is measured
import sys
import tempfile
from pathlib import Path

GAIN = re.compile(r"([+-][\d.e-]+) bits/byte \[([+-][\d.e-]+), ([+-][\d.e-]+)\]")


def filial(*arguments: str | Path) -> str:
    """Runs one command and returns what it printed."""
    command = [sys.executable, "-m", "filial", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure(seed: int, folder: Path) -> dict[str, object]:
    """Runs one study and returns its figures."""
    filial("new", "bytelm", folder, "--seed", str(seed))
    summary = json.loads(filial("run", folder, "--json"))
    last = f"F{summary['generation']}"
    found = GAIN.search(filial("compare", "F0", last, folder, "--seeds", "5"))
    gain, lower, upper = map(float, found.groups()) if found else (None, None, None)
    return {
        "seed": seed,
        "generation": summary["generation"],
        "trials": summary["spend"]["trials"],
        "verdicts": summary["verdicts"],
        "placebos": summary["placebos"],
        "claimed": summary["metric"]["baseline"] - summary["metric"]["incumbent"],
        "sealed_gain": gain,
        "lower": lower,
        "upper": upper,
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        for number in map(int, sys.argv[1:] or ("1", "2", "3")):
            print(json.dumps(measure(number, Path(place, str(number)))), flush=True)
