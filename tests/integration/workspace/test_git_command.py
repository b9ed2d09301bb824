"""The repository is an ordinary one: git's own command agrees with us."""

import subprocess  # noqa: TID251 - runs git
from pathlib import Path

import pytest

from filial.core import Edit, Patch
from filial.workspace import Rules, Workspace

RULES = Rules(surfaces={"model": ("model.py",), "data": ("data/**",)})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A lineage of four generations."""
    code = tmp_path / "code"
    (code / "data").mkdir(parents=True)
    (code / "model.py").write_text("width = 1\n")
    (code / "data" / "words.txt").write_text("é\n")
    workspace = Workspace(tmp_path / "lineage.git")
    tree: object = workspace.import_tree(code, rules=RULES)
    for number in range(4):
        if number:
            edit = Edit(path="model.py", text=f"width = {number + 1}\n")
            tree = workspace.apply(str(tree), Patch(edits=(edit,)), RULES)
        assert isinstance(tree, str)
        message = f"F{number}: wider\n\nEvidence: E = 41\n"
        workspace.commit(tree, number=number, message=message, at=1_700_000_000 + number)
    return workspace


def git(workspace: Workspace, *arguments: str) -> str:
    command = ["git", "--git-dir", str(workspace.path), "-c", "core.quotePath=false"]
    done = subprocess.run([*command, *arguments], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout


def test_log_shows_the_lineage(workspace: Workspace) -> None:
    assert git(workspace, "log", "--format=%s|%an <%ae>|%ct|%D", "main").splitlines() == [
        "F3: wider|Filial <filial@localhost>|1700000003|HEAD -> main, tag: F3",
        "F2: wider|Filial <filial@localhost>|1700000002|tag: F2",
        "F1: wider|Filial <filial@localhost>|1700000001|tag: F1",
        "F0: wider|Filial <filial@localhost>|1700000000|tag: F0",
    ]
    assert "Evidence: E = 41" in git(workspace, "log", "-1")


def test_diff_between_generations(workspace: Workspace) -> None:
    printed = git(workspace, "diff", "F1", "F3")
    assert printed.splitlines()[-2:] == ["-width = 2", "+width = 4"]
    trees = [git(workspace, "rev-parse", f"{tag}^{{tree}}").strip() for tag in ("F1", "F3")]
    assert workspace.diff(*trees) == printed


def test_the_repository_is_sound(workspace: Workspace) -> None:
    assert git(workspace, "fsck", "--strict", "--full", "--no-dangling") == ""
    assert git(workspace, "rev-parse", "--is-bare-repository").strip() == "true"


def test_housekeeping_keeps_the_trees_of_candidates(workspace: Workspace) -> None:
    tree = git(workspace, "rev-parse", "F3^{tree}").strip()
    edit = Edit(path="data/new.txt", text="never promoted\n")
    candidate = workspace.apply(tree, Patch(edits=(edit,)), RULES)
    assert isinstance(candidate, str)
    git(workspace, "gc", "--quiet")
    again = Workspace(workspace.path)
    assert again.read(candidate)["data/new.txt"] == "never promoted\n"
    assert again.read(tree)["model.py"] == "width = 4\n"


def test_an_archive_of_a_generation_is_its_code(workspace: Workspace, tmp_path: Path) -> None:
    tree = git(workspace, "rev-parse", "F3^{tree}").strip()
    workspace.export(tree, tmp_path / "ours")
    (tmp_path / "theirs").mkdir()
    git(workspace, "--work-tree", str(tmp_path / "theirs"), "checkout", "--quiet", "F3", "--", ".")
    for path in workspace.read(tree):
        ours, theirs = tmp_path / "ours" / path, tmp_path / "theirs" / path
        assert ours.read_bytes() == theirs.read_bytes()
        assert ours.stat().st_mode == theirs.stat().st_mode
