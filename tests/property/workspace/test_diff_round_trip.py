"""Applying a diff of two texts to the first gives the second."""

import difflib
import subprocess  # noqa: TID251 - runs git
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from filial.core import Edit, Patch
from filial.workspace import Rules, Workspace, patch_from_diff

# Few different lines, so that texts have much in common; some look like parts of a diff.
line = st.sampled_from(
    ["", " ", "a", "b", "c", "d\r", "- x", "-- x", "++ y", "+", "@@ -1 +1 @@", "\\", "é\x0c\x85"]
)
texts = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(line, max_size=12),
    st.sampled_from(["\n", ""]),
)
paths = st.sampled_from(["f", "d/f.py", "a/b", "b/f", "sp ace", "größe", 'q"uote', "t\tab"])
trees = st.dictionaries(paths, texts, min_size=1)
RULES = Rules(surfaces={"all": ("**",)})


def unified(before: str, after: str, context: int) -> str:
    lines = difflib.unified_diff(
        before.split("\n"), after.split("\n"), "f", "f", lineterm="", n=context
    )
    return "\n".join(lines) + "\n"


@given(texts, texts, st.integers(0, 3))
def test_diffs_of_difflib(before: str, after: str, context: int) -> None:
    # Every line here ends in a line feed, the last one too.
    before, after = before + "\n", after + "\n"
    if before != after:
        diff = unified(before[:-1], after[:-1], context)
        assert patch_from_diff(diff, {"f": before}) == Patch(edits=(Edit(path="f", text=after),))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("diffs") / "lineage.git")


def tree(workspace: Workspace, files: dict[str, str]) -> str:
    return workspace._write({path: workspace._blob(text) for path, text in files.items()})


@given(trees, trees)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_diffs_of_libgit2(
    workspace: Workspace, before: dict[str, str], after: dict[str, str]
) -> None:
    diff = workspace.diff(tree(workspace, before), tree(workspace, after))
    check(diff, before, after)


@given(trees, trees, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_diffs_of_git(
    workspace: Workspace, before: dict[str, str], after: dict[str, str], context: int
) -> None:
    ids = [tree(workspace, files) for files in (before, after)]
    diff = subprocess.run(
        ["git", "--git-dir", str(workspace.path), "diff", f"-U{context}", "-M", "--text", *ids],
        check=True,
        capture_output=True,
        cwd=Path("/"),
    ).stdout.decode()
    check(diff, before, after)


def check(diff: str, before: dict[str, str], after: dict[str, str]) -> None:
    if before == after:
        return
    patch = patch_from_diff(diff, before)
    assert isinstance(patch, Patch), (patch, diff)
    result: dict[str, str | None] = {**before, **{edit.path: edit.text for edit in patch.edits}}
    assert {path: text for path, text in result.items() if text is not None} == after
    assert all(before.get(edit.path) != edit.text for edit in patch.edits)


@given(st.text(st.sampled_from("ab+-@ \\\n0123/,"), max_size=200), trees)
def test_nonsense_never_raises(diff: str, files: dict[str, str]) -> None:
    patch_from_diff(diff, files)
    patch_from_diff(f"--- a/f\n+++ b/f\n{diff}", files)
    patch_from_diff(f"--- a/f\n+++ b/f\n@@ -1 +1 @@\n{diff}", {"f": "a\n"})
    patch_from_diff(f"diff --git a/f b/f\n{diff}", files)
