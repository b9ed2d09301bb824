"""Racing with real builds: short ones first, and one ledger whatever the number of workers."""

import json
import shutil
from pathlib import Path

import pytest

from filial.core import SESSION_EVENTS, Split, Standing
from filial.reports.sparing import false_kills
from filial.running import Surroundings, run
from filial.storages import content
from filial.study import Study

pytestmark = pytest.mark.timeout(300)

SETTINGS = """\
[study]
name = "racing"
goal = "Learn more in the same time"
[surfaces]
program = ["answer.py"]
[build]
command = ["python", "build.py"]
cpu_s = 2
[exam]
class = "exam.py:Curves"
primary = "learned"
[proposers]
replay = { file = "p.jsonl" }
[screen]
rungs = [0.25, 0.5]
survivors = 0.5
[budget]
trials = 60
[sandbox]
preload = []
"""
EXAM = """\
import filial

class Curves(filial.Exam):
    metrics = [filial.Metric("learned", smallest_effect=0.05)]

    def items(self, split, rng):
        for n in range(4):
            yield filial.Item({"n": n, "chance": float(rng.normal(0, 0.02))})

    def score(self, item, answer):
        return float(answer) + item.question["chance"]
"""
BUILD = """\
import os
from pathlib import Path
Path(os.environ["FILIAL_OUT"], "time_s").write_text(os.environ["FILIAL_CPU_S"])
"""
ANSWER = """\
import os
from pathlib import Path

def answer(question):
    x = float(Path(os.environ["FILIAL_OUT"], "time_s").read_text())
    return CURVE
"""
# Where the initial code has learned 0.5, 1 and 2 after a quarter, half and all of the time.
CURVES = [
    ("worse", "x - 0.1"),
    ("fast at first", "1.0 + x / 4"),
    ("slow at first", "0.10 + x * x"),
    ("slow at first", "0.12 + x * x"),
]


def make(folder: Path) -> None:
    (folder / "code").mkdir(parents=True)
    (folder / "study.toml").write_text(SETTINGS)
    (folder / "exam.py").write_text(EXAM)
    (folder / "code" / "build.py").write_text(BUILD)
    (folder / "code" / "answer.py").write_text(ANSWER.replace("CURVE", "x"))
    lines = [
        {"hypothesis": what, "files": {"answer.py": ANSWER.replace("CURVE", curve)}}
        for what, curve in CURVES
    ]
    (folder / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / ".filial").mkdir()
    (folder / ".filial" / "secret").write_bytes(b"s" * 32)  # which draws the lots


def story(folder: Path) -> list[str]:
    with Study(folder).storage(read_only=True) as storage:
        assert storage.verify() > 0
        bodies = [event.body for event in storage.events()]
    return [content(body) for body in bodies if not isinstance(body, SESSION_EVENTS)]


def fractions(standing: Standing) -> set[float]:
    """Shares of the time that the candidate's builds got in dev trials."""
    specs = [trial.spec for trial in standing.trials.values()]
    return {spec.fraction for spec in specs if spec.split is Split.DEV}


@pytest.mark.slow
def test_any_number_of_workers_writes_the_same_ledger(tmp_path: Path) -> None:
    make(tmp_path / "seed")
    stories = []
    for n_workers in (0, 2):
        folder = tmp_path / f"{n_workers}"
        shutil.copytree(tmp_path / "seed", folder)
        run(Study(folder), Surroundings(workers=n_workers))
        stories.append(story(folder))
    assert stories[0] == stories[1]
    history = Study(tmp_path / "0").history()
    f0, *others = history.standings.values()
    assert fractions(f0) == {0.25, 0.5, 1.0}
    for standing in others:
        if standing.candidate.hypothesis == "fast at first":
            assert fractions(standing) == {0.25, 0.5, 1.0}
        elif standing.generation is None:
            assert fractions(standing) == {0.25}
    n_judged, n_good = false_kills(history)
    assert 1 <= n_good <= n_judged
    good = history.standings[history.generations[1].candidate].candidate
    assert good.hypothesis == "slow at first"  # what the rung would have cost the study
    assert history.spared[good.id].startswith("behind F0 after 25 % of the build, by 0.")
