import hashlib
import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pygit2
import pytest

from filial.core import Edit, Failure, FailureKind, Patch
from filial.errors import CodeError, HostError, LedgerError
from filial.workspace import Rules, Workspace

RULES = Rules(
    surfaces={"loss": ("loss.py", "losses/*.py"), "data": ("data/**",)},
    max_file_bytes=1000,
    max_files=6,
)
FILES = {
    "data/words.txt": "é\n",
    "exam/items.py": "",
    "loss.py": "def loss():\n    return 1\n",
    "model.py": "x = 1\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "study" / "lineage.git")


@pytest.fixture
def tree(workspace: Workspace, tmp_path: Path) -> str:
    return add(workspace, tmp_path / "code", FILES)


def add(workspace: Workspace, folder: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return workspace.import_tree(folder, rules=RULES)


def patch(*edits: tuple[str, str | None]) -> Patch:
    return Patch(edits=tuple(Edit(path=path, text=text) for path, text in edits))


def applied(workspace: Workspace, parent: str, *edits: tuple[str, str | None]) -> str:
    made = workspace.apply(parent, patch(*edits), RULES)
    assert isinstance(made, str), made
    return made


# -- reading and writing


def test_an_imported_tree_reads_back(workspace: Workspace, tree: str) -> None:
    assert dict(workspace.read(tree)) == FILES
    assert list(workspace.read(tree)) == sorted(FILES)
    assert workspace.read(tree) is workspace.read(tree)


def test_a_tree_is_named_as_git_names_it(workspace: Workspace, tmp_path: Path) -> None:
    blob = hashlib.sha1(b"blob 2\0x\n", usedforsecurity=False).digest()
    entry = b"100644 a\0" + blob
    named = hashlib.sha1(b"tree %d\0" % len(entry) + entry, usedforsecurity=False).hexdigest()
    assert add(workspace, tmp_path / "one", {"a": "x\n"}) == named


def test_code_that_cannot_be_a_candidate_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "link").symlink_to("/etc/passwd")
    with pytest.raises(CodeError, match="link is a symlink"):
        workspace.import_tree(tmp_path / "code", rules=RULES)


def test_export_writes_plain_files(workspace: Workspace, tree: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "out"
    workspace.export(tree, folder)
    found = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    assert {path: file.read_text() for path, file in found.items()} == FILES
    assert {stat.S_IMODE(file.lstat().st_mode) for file in found.values()} == {0o644}


def test_export_overwrites_nothing(workspace: Workspace, tree: str, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "out" / "loss.py").symlink_to(tmp_path / "victim")
    with pytest.raises(HostError, match="cannot write code to"):
        workspace.export(tree, tmp_path / "out")
    assert (tmp_path / "victim").read_text() == "precious"


def test_diff(workspace: Workspace, tree: str) -> None:
    child = applied(workspace, tree, ("loss.py", "def loss():\n    return 2\n"))
    assert workspace.diff(tree, child).splitlines()[-4:] == [
        "@@ -1,2 +1,2 @@",
        " def loss():",
        "-    return 1",
        "+    return 2",
    ]
    assert workspace.diff(tree, tree) == ""


def test_a_workspace_opens_again(workspace: Workspace, tree: str) -> None:
    again = Workspace(workspace.path)
    assert dict(again.read(tree)) == FILES


def test_an_unknown_tree_is_an_error(workspace: Workspace, tree: str) -> None:
    unknown = "0123456789" * 4
    with pytest.raises(LedgerError, match=f"tree {unknown} is missing"):
        workspace.read(unknown)
    blob = workspace._blobs(tree)["loss.py"]
    with pytest.raises(LedgerError, match=f"tree {blob} is missing"):
        workspace.read(blob)


def test_a_lost_file_is_an_error(workspace: Workspace, tree: str) -> None:
    blob = workspace._blobs(tree)["loss.py"]
    (workspace.path / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(LedgerError, match=f"blob {blob} is missing"):
        Workspace(workspace.path).read(tree)


@pytest.mark.parametrize("mode", [pygit2.enums.FileMode.LINK, pygit2.enums.FileMode.COMMIT])
def test_a_planted_symlink_or_submodule_is_refused(
    workspace: Workspace, tree: str, mode: pygit2.enums.FileMode
) -> None:
    builder = workspace._repo.TreeBuilder()
    builder.insert("loss.py", workspace._repo.create_blob(b"/etc/passwd"), mode)
    planted = str(builder.write())
    for act in (
        lambda: workspace.read(planted),
        lambda: workspace.apply(planted, patch(("loss.py", "x")), RULES),
    ):
        with pytest.raises(LedgerError, match=r"loss\.py in tree .* is not a regular file"):
            act()


def test_not_a_repository(tmp_path: Path) -> None:
    (tmp_path / "lineage.git").mkdir()
    with pytest.raises(LedgerError, match="cannot open the git repository"):
        Workspace(tmp_path / "lineage.git")
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot open the git repository"):
        Workspace(tmp_path / "file" / "lineage.git")


def test_a_repository_that_cannot_be_written(
    workspace: Workspace, tree: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workspace._repo, "create_blob", refuse, raising=False)
    with pytest.raises(HostError, match="No space left on device"):
        workspace.apply(tree, patch(("loss.py", "new")), RULES)


# -- applying patches


def test_edits_make_a_new_tree_and_leave_the_old_one(workspace: Workspace, tree: str) -> None:
    child = applied(
        workspace, tree, ("loss.py", None), ("losses/l1.py", "y = 2\n"), ("data/a/b", "c")
    )
    expected = {**FILES, "losses/l1.py": "y = 2\n", "data/a/b": "c"}
    del expected["loss.py"]
    assert dict(workspace.read(child)) == expected
    assert dict(workspace.read(tree)) == FILES


def test_equal_trees_have_equal_names(workspace: Workspace, tree: str) -> None:
    there = applied(workspace, tree, ("loss.py", "z = 3\n"))
    assert there != tree
    assert applied(workspace, there, ("loss.py", FILES["loss.py"])) == tree
    assert applied(workspace, tree) == tree


def test_a_file_may_become_a_folder_within_one_patch(workspace: Workspace, tree: str) -> None:
    child = applied(workspace, tree, ("data/words.txt", None), ("data/words.txt/a", "b"))
    assert workspace.read(child)["data/words.txt/a"] == "b"


@pytest.mark.parametrize(
    ("edits", "kind", "detail"),
    [
        ([("model.py", "x = 2")], FailureKind.PROTECTED, "model.py is on no surface; these may"),
        ([("model.py", None)], FailureKind.PROTECTED, "loss: loss.py, losses/*.py; data: data/**"),
        ([("exam/new.py", "")], FailureKind.PROTECTED, "exam/new.py is on no surface"),
        ([("data/../model.py", "")], FailureKind.UNSAFE, "'..' component"),
        ([("data/.git/hooks/x", "")], FailureKind.UNSAFE, ".git folder"),
        ([("data/x", "\0")], FailureKind.UNSAFE, "data/x is binary"),
        ([("data/x", "\ud800")], FailureKind.UNSAFE, "data/x is not valid UTF-8"),
        ([("data/x", "a" * 1001)], FailureKind.UNSAFE, "has 1001 bytes; at most 1000"),
        (
            [("data/words.txt/a", "")],
            FailureKind.UNSAFE,
            "leads through the file 'data/words.txt'",
        ),
        ([("data/d/e", ""), ("data/d", "")], FailureKind.UNSAFE, "'data/d' is a folder"),
        (
            [(f"data/{k}", "") for k in range(3)],
            FailureKind.UNSAFE,
            "would have 7 files; at most 6",
        ),
        ([("losses/l1.py", None)], FailureKind.STALE, "losses/l1.py is not there to be deleted"),
        ([("loss.py", "a"), ("loss.py", "b")], FailureKind.MALFORMED, "edited more than once"),
        ([("loss.py", "fine"), ("model.py", "not")], FailureKind.PROTECTED, "model.py"),
    ],
)
def test_refusals(
    workspace: Workspace,
    tree: str,
    edits: list[tuple[str, str | None]],
    kind: FailureKind,
    detail: str,
) -> None:
    failure = workspace.apply(tree, patch(*edits), RULES)
    assert isinstance(failure, Failure)
    assert failure.kind is kind
    assert detail in failure.detail


def test_surfaces_of_a_tree(workspace: Workspace, tree: str) -> None:
    rules = Rules(
        surfaces={"loss": ("*.py",), "model": ("model.py",), "data": ("data/**", "gone")}
    )
    assert dict(workspace.surfaces_of(tree, rules)) == {
        "loss": ("loss.py", "model.py"),
        "model": (),
        "data": ("data/words.txt",),
    }
    assert workspace.unmatched(tree, rules) == ("model",)
    assert workspace.unmatched(tree, RULES) == ()


def test_a_refused_patch_leaves_nothing_behind(workspace: Workspace, tree: str) -> None:
    before = set(workspace.path.rglob("*"))
    made = workspace.apply(tree, patch(("loss.py", "new"), ("model.py", "refused")), RULES)
    assert isinstance(made, Failure)
    assert set(workspace.path.rglob("*")) == before


def test_files_are_counted_after_the_whole_patch(workspace: Workspace, tree: str) -> None:
    added = [(f"data/{k}", "") for k in range(3)]
    child = applied(workspace, tree, *added, ("loss.py", None))
    assert len(workspace.read(child)) == RULES.max_files


# -- merging


def test_changes_of_both_sides_are_merged(workspace: Workspace, tree: str) -> None:
    ours = applied(workspace, tree, ("loss.py", "def loss():\n    return 2\n"))
    theirs = applied(workspace, tree, ("data/words.txt", "ö\n"), ("losses/new.py", ""))
    merged = workspace.merge(tree, ours, theirs)
    assert isinstance(merged, str)
    assert dict(workspace.read(merged)) == {
        **FILES,
        "loss.py": "def loss():\n    return 2\n",
        "data/words.txt": "ö\n",
        "losses/new.py": "",
    }
    assert workspace.merge(tree, tree, theirs) == theirs


@pytest.mark.parametrize("theirs_text", ["def loss():\n    return 3\n", None])
def test_a_conflict_is_stale(workspace: Workspace, tree: str, theirs_text: str | None) -> None:
    ours = applied(workspace, tree, ("loss.py", "def loss():\n    return 2\n"))
    theirs = applied(workspace, tree, ("loss.py", theirs_text))
    assert workspace.merge(tree, ours, theirs) == Failure(
        kind=FailureKind.STALE, detail="both sides changed loss.py"
    )


# -- the lineage


def test_committing_again_gives_the_same_commit(workspace: Workspace, tree: str) -> None:
    first = workspace.commit(tree, number=0, message="the initial code", at=1_700_000_000)
    assert workspace.commit(tree, number=0, message="other words", at=1) == first
    again = Workspace(workspace.path)
    assert again.commit(tree, number=0, message="the initial code", at=1_700_000_000) == first


def test_a_crash_before_the_tag_is_repaired(workspace: Workspace, tree: str) -> None:
    child = applied(workspace, tree, ("loss.py", "z = 3\n"))
    workspace.commit(tree, number=0, message="F0", at=5)
    first = workspace.commit(child, number=1, message="F1", at=6)
    workspace._repo.references.delete("refs/tags/F1")  # died after moving the branch
    assert workspace.commit(child, number=1, message="F1", at=6) == first
    workspace._repo.references.delete("refs/tags/F1")
    workspace._repo.references.create(  # died before moving the branch
        "refs/heads/main", workspace._repo.references["refs/tags/F0"].target, force=True
    )
    assert workspace.commit(child, number=1, message="F1", at=6) == first
    assert str(workspace._repo.references["refs/heads/main"].target) == first


def test_a_generation_is_never_replaced_nor_skipped(workspace: Workspace, tree: str) -> None:
    child = applied(workspace, tree, ("loss.py", "z = 3\n"))
    with pytest.raises(LedgerError, match="F0 is missing"):
        workspace.commit(child, number=1, message="F1", at=6)
    workspace.commit(tree, number=0, message="F0", at=5)
    with pytest.raises(LedgerError, match=f"F0 in .* holds tree {tree}, not {child}"):
        workspace.commit(child, number=0, message="F0", at=5)


def test_any_message_can_be_committed(workspace: Workspace, tree: str) -> None:
    commit = workspace.commit(tree, number=0, message="a\0b \ud800 é", at=5)
    assert workspace._repo[commit].peel(pygit2.Commit).message == "ab ? é"


def test_a_process_that_dies_while_it_makes_the_repository_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die)
        with pytest.raises(KeyboardInterrupt):
            Workspace(tmp_path / "lineage.git")
    assert not (tmp_path / "lineage.git").exists()
    assert Workspace(tmp_path / "lineage.git").path.is_dir()


def test_who_makes_the_repository_a_little_later_uses_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lineage.git"
    rename = Path.rename

    def late(staged: Path, target: Path) -> Path:
        if not target.exists():
            pygit2.init_repository(str(target), bare=True)
        return rename(staged, target)

    monkeypatch.setattr(Path, "rename", late)
    Workspace(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["lineage.git"]


N_OPENERS, N_TIMES = 3, 10


def _open_all(folder: Path, barrier: Barrier) -> None:
    try:
        for k in range(N_TIMES):
            barrier.wait()
            config = Workspace(folder / f"{k}.git")._repo.config
            assert config["gc.auto"] == "0"
            assert config["gc.pruneExpire"] == "never"
    except BaseException:
        barrier.abort()  # the others would wait for this one
        raise


def test_processes_that_open_one_path_at_once_all_get_a_complete_repository(
    tmp_path: Path,
) -> None:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(N_OPENERS)
    openers = [
        context.Process(target=_open_all, args=(tmp_path, barrier)) for _ in range(N_OPENERS)
    ]
    for opener in openers:
        opener.start()
    for opener in openers:
        opener.join()
    assert [opener.exitcode for opener in openers] == [0] * N_OPENERS
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(
        f"{k}.git" for k in range(N_TIMES)
    )
    for k in range(N_TIMES):
        path = tmp_path / f"{k}.git"
        repo = pygit2.Repository(str(path))
        assert repo.is_bare
        assert (repo.config["gc.auto"], repo.head_is_unborn) == ("0", True)
        assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE((path / "refs").stat().st_mode)
