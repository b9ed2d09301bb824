"""Removal of whatever a candidate left."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from filial.sandboxes import remove_tree


def nest(folder: Path, name: str, n_levels: int) -> None:
    """Makes folders in folders, each with a file, without ever naming a long path."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(n_levels):
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may open every folder; nobody may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that anybody may reach and write to."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_what_is_not_there_needs_no_removal(tmp_path: Path) -> None:
    remove_tree(tmp_path / "missing")


def test_a_tree_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for inner in ("a/b/c", "a/d", "e"):
        (tree / inner).mkdir(parents=True)
        (tree / inner / "same").write_text("x")
        os.mkfifo(tree / inner / "pipe")
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_no_text(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    odd = tree / os.fsdecode(b"\xff\n") / os.fsdecode(b"-\xfe")
    odd.mkdir(parents=True)
    (odd / os.fsdecode(b"\x80")).write_text("x")
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "n_levels"), [("a", 3000), ("a" * 255, 1200)])
def test_nesting_deeper_than_python_recurses(tmp_path: Path, name: str, n_levels: int) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    nest(tree, name, n_levels)
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == []


def test_folders_without_permissions(open_to_all: Path) -> None:
    tree = open_to_all / "tree"
    with without_privileges():
        (tree / "a" / "b" / "c").mkdir(parents=True)
        (tree / "a" / "b" / "file").write_text("x")
        for folder in ("a/b/c", "a/b", "a", "."):
            (tree / folder).chmod(0)
        remove_tree(tree)
    assert list(open_to_all.iterdir()) == []


def test_links_are_not_followed(tmp_path: Path) -> None:
    tree, kept = tmp_path / "tree", tmp_path / "kept"
    kept.mkdir(mode=0o750)
    (kept / "file").write_text("x")
    tree.mkdir()
    (tree / "folder").symlink_to(kept)
    (tree / "file").symlink_to(kept / "file")
    os.link(kept / "file", tree / "hard")
    (tmp_path / "link").symlink_to(kept)
    remove_tree(tree)
    remove_tree(tmp_path / "link")
    assert list(tmp_path.iterdir()) == [kept]
    assert kept.stat().st_mode & 0o777 == 0o750
    assert (kept / "file").read_text() == "x"


def test_what_cannot_be_removed_is_an_error(open_to_all: Path) -> None:
    (open_to_all / "theirs").mkdir(mode=0o755)
    (open_to_all / "theirs" / "file").write_text("x")
    open_to_all.chmod(0o755)
    if os.geteuid() != 0:
        pytest.skip("only root can make a folder that is not ours")
    with without_privileges(), pytest.raises(PermissionError):
        remove_tree(open_to_all / "theirs")
    assert (open_to_all / "theirs" / "file").exists()
