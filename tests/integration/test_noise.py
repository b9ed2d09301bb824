"""Hundreds of no-op candidates under real noise: not one of them is promoted."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from filial.core import Decision, History
from filial.running import Surroundings, run
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox

pytestmark = pytest.mark.timeout(300)

SETTINGS = """\
[study]
name = "noise"
goal = "Nothing can be gained here"
[surfaces]
program = ["answer.py"]
[exam]
class = "exam.py:Noise"
primary = "score"
[proposers]
replay = { file = "proposals.jsonl" }
[budget]
trials = 20000
"""

# Both sides of a pair get the same items, so the noise is drawn apart from them. One generator for
# the whole study makes the test repeatable.
EXAM = """\
import numpy as np

import filial

NOISE = np.random.default_rng(7)


class Noise(filial.Exam):
    metrics = (filial.Metric("score", unit="points"),)

    def items(self, split, rng):
        yield filial.Item(None)

    def score(self, item, answer):
        return 2.0 + answer + NOISE.normal()
"""
ANSWER = "def answer(question):\n    return {gain}\n"


def play(folder: Path, gains: Sequence[float], screen_sigmas: float) -> History:
    """The history of a study whose candidates, in order, are so much better than nothing."""
    (folder / "code").mkdir()
    (folder / "code" / "answer.py").write_text(ANSWER.format(gain=0.0))
    (folder / "study.toml").write_text(SETTINGS + f"[gate]\nscreen_sigmas = {screen_sigmas}\n")
    (folder / "exam.py").write_text(EXAM)
    lines = []
    for n, gain in enumerate(gains):
        text = f"{ANSWER.format(gain=gain)}# {n}\n"
        lines.append(json.dumps({"hypothesis": f"idea {n}", "files": {"answer.py": text}}))
    (folder / "proposals.jsonl").write_text("\n".join(lines) + "\n")
    study = Study(folder)
    # An exam with noise of its own is one that no audit lets pass.
    reason = run(study, Surroundings(workers=0, sandbox=InProcessSandbox(), audit=False))
    assert reason == "the proposers have nothing more to say"
    history = study.history()
    noise = history.noises[0]
    assert noise.n_values == 40
    assert 1.0 < noise.sigma < 1.9  # sqrt(2) of 1 point
    assert history.n_proposals == len(gains)
    return history


@pytest.mark.parametrize(
    ("screen_sigmas", "n_candidates", "n_confirmed"), [(1.0, 200, 15), (0.0, 60, 20)]
)
def test_no_placebo_is_promoted(
    tmp_path: Path, screen_sigmas: float, n_candidates: int, n_confirmed: int
) -> None:
    history = play(tmp_path, [0.0] * n_candidates, screen_sigmas)
    assert len(history.generations) == 1
    assert not [v for v in history.verdicts if v.verdict.decision is Decision.PROMOTE]
    assert len(history.verdicts) == n_candidates
    # The screen alone did not do it: confirmations took place, some of them on many pairs.
    assert len(history.confirmations) >= n_confirmed
    evidence = [v.comparison for v in history.confirmations if v.comparison is not None]
    assert max(len(comparison.differences) for comparison in evidence) >= 3
    assert max(comparison.e_value for comparison in evidence) > 1


def test_the_same_noise_does_not_hide_a_gain(tmp_path: Path) -> None:
    history = play(tmp_path, [0.0] * 20 + [6.0] + [0.0] * 20, 0.0)
    promoted = [history.standings[g.candidate].candidate.index for g in history.generations]
    assert promoted == [-1, 20]
