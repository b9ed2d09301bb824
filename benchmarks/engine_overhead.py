"""Engine overhead: candidates per second with a scripted proposer and no sandbox start.

    python benchmarks/engine_overhead.py [N]

Replays N candidates through the real engine, ledger, lineage and examiner on the ``sums`` kit,
with an inline executor and the in-process sandbox, and prints one JSON line: the rate overall, for
the first and last hundred (their ratio is the one to compare between machines), ledger bytes per
trial, and the time to resume.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from filial.core import Event, History, Proposed
from filial.kits import copy
from filial.running import Surroundings, run
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox


def prepare(folder: Path, n: int) -> None:
    """Makes a study that replays ``n`` different harmless candidates."""
    copy("sums", folder)
    code = (folder / "code" / "answer.py").read_text(encoding="utf-8")
    with (folder / "proposals.jsonl").open("w", encoding="utf-8") as file:
        for i in range(n):
            text = code.replace("SHIFT = 5.0", f"SHIFT = {5.0 - i * 1e-9!r}")
            files = {"answer.py": text}
            proposal = {"hypothesis": f"shift {i}", "predicted": None, "files": files}
            file.write(json.dumps(proposal) + "\n")
    settings = (folder / "study.toml").read_text(encoding="utf-8")
    head = settings.partition("[proposers]")[0]
    proposers = '[proposers]\nreplay = { file = "proposals.jsonl" }\n'
    (folder / "study.toml").write_text(f"{head}{proposers}[budget]\ncandidates = {n}\n")


def measure(n: int, folder: Path) -> dict[str, float]:
    """Runs the study and returns its figures."""
    prepare(folder, n)
    arrivals: list[float] = []

    def note(event: Event, _history: History) -> None:
        if isinstance(event.body, Proposed):
            arrivals.append(time.perf_counter())

    around = Surroundings(workers=0, listener=note, sandbox=InProcessSandbox())
    run(Study(folder), around)
    arrivals = [*arrivals[1:], time.perf_counter()]
    begin = time.perf_counter()
    run(Study(folder), around)
    resumed_s = time.perf_counter() - begin
    history = Study(folder).history()
    ledger = sum(p.stat().st_size for p in (folder / ".filial").glob("ledger.sqlite*"))
    first = 100 / (arrivals[100] - arrivals[0])
    last = 100 / (arrivals[-1] - arrivals[-101])
    return {
        "candidates": n,
        "per_s": round(n / (arrivals[-1] - arrivals[0]), 1),
        "first_100_per_s": round(first, 1),
        "last_100_per_s": round(last, 1),
        "last_to_first": round(last / first, 3),
        "ledger_bytes_per_trial": round(ledger / history.spend.trials),
        "resume_s": round(resumed_s, 2),
    }


if __name__ == "__main__":
    place = Path(tempfile.mkdtemp())
    try:
        print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, place / "s")))
    finally:
        shutil.rmtree(place)
