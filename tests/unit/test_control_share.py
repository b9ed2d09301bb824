"""The control arm gets its share of trials, however lucky one of its candidates is."""

from pathlib import Path

import pytest
from test_drafting import RULES, Bench, edit

from filial.core import (
    Arm,
    Measurement,
    Split,
    Trial,
    TrialFinished,
    TrialSpec,
)
from filial.testing.proposer import ScriptedProposer


def trial(candidate: str, k: int) -> TrialFinished:
    spec = TrialSpec(
        candidate=candidate, split=Split.DEV, build_seed=k, exam_seed=k, label=f"dev/{k}"
    )
    found = Measurement(metric="accuracy", value=0.5)
    return TrialFinished(trial=Trial(spec=spec, level="L3", measurements=(found,)))


@pytest.mark.parametrize(("n_control", "comes"), [(0, True), (10, True), (11, False)])
def test_no_more_than_its_share_of_trials(tmp_path: Path, n_control: int, comes: bool) -> None:
    """A quarter of proposals, and so a quarter of trials: 10 of 40."""
    bench = Bench(tmp_path)
    lines = [edit(f"x = {n}\n") for n in range(200)]
    proposers = {
        "written": ScriptedProposer(lines),
        "control": ScriptedProposer([edit(f"z = {n}\n") for n in range(200)]),
    }
    drafting = bench.drafting({"written": 0.75, "control": 0.25}, None, RULES, **proposers)
    lucky = next(p for p in bench.draft_all(drafting, 30) if p.arm is Arm.CONTROL)
    assert lucky.candidate is not None
    bench.take(*(trial(lucky.candidate.id, k) for k in range(n_control)))
    bench.take(*(trial(bench.f0, k) for k in range(40 - n_control)))
    arms = {proposed.arm for proposed in bench.draft_all(drafting, 30)}
    assert (Arm.CONTROL in arms) is comes
