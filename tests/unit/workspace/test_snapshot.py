import os
from pathlib import Path

import pytest

from filial.errors import CodeError
from filial.sandboxes.removal import remove_tree
from filial.workspace import Rules
from filial.workspace.snapshot import snapshot

RULES = Rules(surfaces={}, max_file_bytes=100, max_files=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.py").write_text("x = 1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "words.txt").write_text("é\r\n")
    return tmp_path


def test_texts_by_path(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("[core]")
    (folder / "data" / "__pycache__").mkdir()
    (folder / "data" / "__pycache__" / "a.pyc").write_bytes(b"\0\xff")
    with (folder / "data" / "words.txt").open("wb") as file:
        file.write("é\r\n".encode())
    assert snapshot(folder, RULES) == {"data/words.txt": "é\r\n", "model.py": "x = 1\n"}


def symlink(folder: Path) -> Path:
    (folder / "link.py").symlink_to(folder / "model.py")
    return folder / "link.py"


def linked_folder(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "data")
    return folder / "link"


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def binary(folder: Path) -> Path:
    (folder / "a.bin").write_bytes(b"\xff\xfe")
    return folder / "a.bin"


def nul(folder: Path) -> Path:
    (folder / "a.bin").write_bytes(b"a\0")
    return folder / "a.bin"


def large(folder: Path) -> Path:
    (folder / "large.py").write_text("#" * 101)
    return folder / "large.py"


def large_cut_within_a_character(folder: Path) -> Path:
    (folder / "large.py").write_text("é" * 100 + "x")
    return folder / "large.py"


def odd_name(folder: Path) -> Path:
    (folder / "a\\b.py").write_text("")
    return folder / "a\\b.py"


def undecodable_name(folder: Path) -> Path:
    path = os.fsdecode(os.fsencode(folder) + b"/\xff.py")
    Path(path).write_text("")
    return Path(path)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (symlink, "is a symlink or no regular file"),
        (linked_folder, "is a symlink or no regular file"),
        (fifo, "is a symlink or no regular file"),
        (binary, "is binary: not valid UTF-8"),
        (nul, "is binary: it holds a NUL"),
        (large, "has more than the 100 bytes allowed"),
        (large_cut_within_a_character, "has more than the 100 bytes allowed"),
        (odd_name, "the path holds a backslash"),
        (undecodable_name, "the path holds a control character"),
    ],
)
def test_what_no_candidate_could_hold_is_named(folder: Path, spoil: object, why: str) -> None:
    assert callable(spoil)
    path = spoil(folder)
    with pytest.raises(CodeError) as caught:
        snapshot(folder, RULES)
    assert str(caught.value).startswith(str(path))
    assert why in str(caught.value)


@pytest.mark.parametrize("n_levels", [600, 1100])
def test_code_nested_beyond_any_path_is_refused_in_one_line(tmp_path: Path, n_levels: int) -> None:
    top = tmp_path / "code"
    top.mkdir()
    opened = os.open(top, os.O_RDONLY)
    for _ in range(n_levels):  # by path, the system itself would refuse
        os.mkdir("a", dir_fd=opened)
        inner = os.open("a", os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = inner
    os.close(opened)
    with pytest.raises(CodeError, match="the path is too long") as caught:
        snapshot(top, RULES)
    assert "\n" not in str(caught.value)
    remove_tree(top)


def test_too_many_files(folder: Path) -> None:
    for name in "ab":
        (folder / name).write_text("")
    with pytest.raises(CodeError, match="holds more than 3 files"):
        snapshot(folder, RULES)


def test_no_files(tmp_path: Path) -> None:
    with pytest.raises(CodeError, match="holds no files"):
        snapshot(tmp_path, RULES)
    with pytest.raises(CodeError, match="cannot be read: No such file"):
        snapshot(tmp_path / "nowhere", RULES)


def test_a_file_that_vanishes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def vanish(*_: object) -> int:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr("os.open", vanish)
    with pytest.raises(CodeError, match=r"words\.txt cannot be read: No such file"):
        snapshot(folder, RULES)
