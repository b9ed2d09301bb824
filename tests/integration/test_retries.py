"""Parked ideas meet the next incumbent, once each."""

from pathlib import Path

from filial.core import (
    Arm,
    Candidate,
    Decision,
    Edit,
    Generation,
    History,
    Judged,
    Patch,
    Promoted,
    Proposed,
    Verdict,
    VerdictReached,
)
from filial.retries import Retries
from filial.workspace import Rules, Workspace

RULES = Rules(surfaces={"program": ("answer.py",)})
CODE = "A = 1\n\n\n\n\nB = 1\n\n\n\n\nC = 1\n"


def make(tmp_path: Path) -> tuple[Workspace, str]:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "answer.py").write_text(CODE, encoding="utf-8")
    workspace = Workspace(tmp_path / "lineage.git")
    return workspace, workspace.import_tree(folder, rules=RULES)


def edited(workspace: Workspace, tree: str, text: str) -> str:
    made = workspace.apply(tree, Patch(edits=(Edit(path="answer.py", text=text),)), RULES)
    assert isinstance(made, str)
    return made


def propose(history: History, tree: str, parent: str) -> None:
    index = history.n_proposals if parent else -1
    candidate = Candidate(
        id=tree, index=index, parent=parent, proposer="x", arm=Arm.TREATMENT, hypothesis=tree[:4]
    )
    history.apply(
        Proposed(
            index=index,
            proposer="x",
            arm=Arm.TREATMENT,
            parent=parent,
            hypothesis=tree[:4],
            candidate=candidate,
        )
    )


def promote(history: History, tree: str) -> None:
    number = len(history.generations)
    generation = Generation(number=number, candidate=tree, commit="")
    history.apply(Promoted(generation=generation, hypothesis=""))


def park(history: History, tree: str, incumbent: str) -> None:
    verdict = Verdict(
        candidate=tree,
        incumbent=incumbent,
        decision=Decision.UNDECIDED,
        judged=Judged.ARTIFACT,
        reason="",
        policy="",
    )
    history.apply(VerdictReached(verdict=verdict, arm=Arm.TREATMENT))


def test_a_parked_change_is_merged_onto_the_next_incumbent_once(tmp_path: Path) -> None:
    workspace, first = make(tmp_path)
    promoted = edited(workspace, first, CODE.replace("A = 1", "A = 2"))
    parked = edited(workspace, first, CODE.replace("B = 1", "B = 2"))
    clashing = edited(workspace, first, CODE.replace("A = 1", "A = 3"))
    history = History()
    for tree, parent in ((first, ""), (promoted, first), (parked, first), (clashing, first)):
        propose(history, tree, parent)
    promote(history, first)
    park(history, parked, first)
    park(history, clashing, first)
    retries = Retries(workspace, RULES)
    assert retries.next(history) is None, "nothing to retry before the incumbent changes"

    promote(history, promoted)
    retry = retries.next(history)
    assert retry is not None
    assert retry.candidate is not None
    assert retry.index == 3
    assert retry.parent == promoted
    merged = CODE.replace("A = 1", "A = 2").replace("B = 1", "B = 2")
    assert workspace.read(retry.candidate.id)["answer.py"] == merged
    assert retry.candidate.n_tokens == 9

    history.apply(retry)
    assert retries.next(history) is None, "one retry each; what clashes is left alone"
