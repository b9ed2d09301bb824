"""The lineage against the ledger's word."""

from pathlib import Path

import pygit2
import pytest

from filial.core import Edit, Generation, Patch
from filial.errors import TamperedLedger
from filial.workspace import Rules, Workspace, check_lineage

RULES = Rules(surfaces={"program": ("**",)})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lineage.git"


@pytest.fixture
def trees(path: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "code" / "lib").mkdir(parents=True)
    (tmp_path / "code" / "lib" / "a.py").write_text("a = 1\n")
    workspace = Workspace(path)
    first = workspace.import_tree(tmp_path / "code", rules=RULES)
    second = workspace.apply(first, Patch(edits=(Edit(path="lib/a.py", text="a = 2\n"),)), RULES)
    assert isinstance(second, str)
    return [first, second]


@pytest.fixture
def generations(path: Path, trees: list[str]) -> list[Generation]:
    workspace = Workspace(path)
    return [
        Generation(
            number=k, candidate=tree, commit=workspace.commit(tree, number=k, message="", at=k)
        )
        for k, tree in enumerate(trees)
    ]


def lose(path: Path, name: str) -> None:
    (path / "objects" / name[:2] / name[2:]).unlink()


def test_a_whole_lineage(path: Path, trees: list[str], generations: list[Generation]) -> None:
    check_lineage(path, generations, trees)


def test_a_missing_repository_is_named_and_not_made(path: Path) -> None:
    with pytest.raises(TamperedLedger, match=r"the lineage .*lineage\.git is missing"):
        check_lineage(path, [], ["0" * 40])
    assert not path.exists()


def test_a_missing_commit(path: Path, trees: list[str], generations: list[Generation]) -> None:
    commit = generations[1].commit
    lose(path, commit)
    with pytest.raises(TamperedLedger, match=f"F1 in .*: commit {commit} is missing"):
        check_lineage(path, generations, trees)


def test_a_commit_of_another_tree(
    path: Path, trees: list[str], generations: list[Generation]
) -> None:
    wrong = Generation(number=1, candidate=trees[0], commit=generations[1].commit)
    with pytest.raises(TamperedLedger, match=f"holds tree {trees[1]}, not {trees[0]}"):
        check_lineage(path, [generations[0], wrong], trees)


def test_a_moved_or_missing_tag(
    path: Path, trees: list[str], generations: list[Generation]
) -> None:
    repo = pygit2.Repository(str(path))
    repo.references.create("refs/tags/F1", generations[0].commit, force=True)
    with pytest.raises(
        TamperedLedger, match=f"F1 in .*: its tag points to {generations[0].commit}"
    ):
        check_lineage(path, generations, trees)
    repo.references.delete("refs/tags/F1")
    with pytest.raises(TamperedLedger, match=r"F1 in .*: its tag is missing"):
        check_lineage(path, generations, trees)


@pytest.mark.parametrize("part", ["", "lib", "lib/a.py"])
@pytest.mark.parametrize("is_damaged", [True, False])
def test_a_candidate_that_is_not_whole(
    path: Path, trees: list[str], part: str, is_damaged: bool
) -> None:
    tree = pygit2.Repository(str(path))[trees[1]]
    assert isinstance(tree, pygit2.Tree)
    name = str(tree[part].id) if part else trees[1]
    file = path / "objects" / name[:2] / name[2:]
    if is_damaged:
        other = path / "objects" / trees[0][:2] / trees[0][2:]
        file.chmod(0o644)
        file.write_bytes(other.read_bytes())
    else:
        file.unlink()
    with pytest.raises(TamperedLedger, match=f"candidate {trees[1]}: "):
        check_lineage(path, [], trees)
