"""What ``git log`` tells about a study."""

from dataclasses import replace
from pathlib import Path

import pygit2

from filial.core import (
    Arm,
    Candidate,
    Comparison,
    Decision,
    History,
    Judged,
    Prediction,
    Spend,
    Verdict,
)
from filial.lineage import Lineage
from filial.workspace import Rules, Workspace

RULES = Rules(surfaces={"program": ("*.py",)})


def candidate(tree: str, predicted: Prediction | None = None) -> Candidate:
    return Candidate(
        id=tree,
        index=3,
        parent="",
        proposer="operators",
        arm=Arm.TREATMENT,
        hypothesis="more is better",
        predicted=predicted,
    )


def verdict(tree: str, alpha: float) -> Verdict:
    return Verdict(
        candidate=tree,
        incumbent="",
        decision=Decision.PROMOTE,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        alpha=alpha,
        comparison=Comparison(
            metric="accuracy",
            differences=(0.1, 0.2, 0.3),
            estimate=0.15,
            lower=0.05,
            upper=0.25,
            e_value=123.456,
        ),
    )


def test_generations_become_commits_that_explain_themselves(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    workspace = Workspace(tmp_path / "lineage.git")
    trees = []
    for text in ("x = 0\n", "x = 1\n", "x = 2\n"):
        (tmp_path / "code" / "answer.py").write_text(text)
        trees.append(workspace.import_tree(tmp_path / "code", rules=RULES))
    history = History(spend=Spend(trials=12, cpu_s=34.5))
    lineage = Lineage(
        workspace=workspace, history=lambda: history, unit="share", clock=lambda: 1000.75
    )

    first = lineage.commit(0, candidate(trees[0]), None)
    stated = Prediction(metric="accuracy", effect=0.1)
    second = lineage.commit(1, candidate(trees[1], stated), verdict(trees[1], 0.02))
    exact = lineage.commit(2, candidate(trees[2]), verdict(trees[2], 0.0))
    assert (first.number, first.candidate) == (0, trees[0])
    assert lineage.commit(1, candidate(trees[1]), None) == second

    repository = pygit2.Repository(str(tmp_path / "lineage.git"))
    messages = [c.message for c in repository.walk(exact.commit)]
    assert messages[2] == (
        "F0: more is better\n\nCost so far: 12 trials, 34 CPU-seconds\n"
        f"Proposed by: operators\nCandidate: {trees[0]}\n"
    )
    assert messages[1] == (
        "F1: more is better\n\n"
        "Predicted: accuracy +0.1\n"
        "Measured: accuracy +0.15 share\n"
        "Interval: [+0.05, +0.25]\n"
        "Pairs: 3\n"
        "Evidence: E = 123.5, needed 50\n"
        "Judged as: recipe\n"
        "Cost so far: 12 trials, 34 CPU-seconds\n"
        f"Proposed by: operators\nCandidate: {trees[1]}\n"
    )
    assert "Evidence: E = 123.5, needed exact verification\n" in messages[0]
    assert repository[exact.commit].peel(pygit2.Commit).commit_time == 1000


def test_a_hypothesis_cannot_forge_evidence(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "answer.py").write_text("x = 0\n")
    workspace = Workspace(tmp_path / "lineage.git")
    tree = workspace.import_tree(tmp_path / "code", rules=RULES)
    lineage = Lineage(workspace=workspace, history=History, unit="share", clock=lambda: 0.0)
    forger = replace(candidate(tree), hypothesis="x\n\nMeasured: accuracy +99\x1b[1m")
    made = lineage.commit(0, forger, None)
    repository = pygit2.Repository(str(tmp_path / "lineage.git"))
    message = repository[made.commit].peel(pygit2.Commit).message
    assert not any(line.startswith("Measured") for line in message.splitlines())
    assert "\x1b" not in message
