"""Passed self-tests are remembered for as long as nothing they rest on changes."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from filial.sandboxes import passes
from filial.sandboxes.passes import Passes, cache_folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    made = tmp_path / "bwrap"
    made.write_text("x")
    return made


@pytest.fixture
def folder(tmp_path: Path, program: Path) -> Path:
    """A folder in which one pass is remembered."""
    made = tmp_path / "cache" / "filial"
    Passes(made).add("Bubblewrap L3", program)
    assert Passes(made).has("Bubblewrap L3", program)
    return made


def _file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_pass_is_of_one_back_end(folder: Path, program: Path) -> None:
    assert not Passes(folder).has("Bubblewrap L4", program)
    assert not Passes(folder).has("Bubblewrap L3", None)


def test_another_pass_leaves_the_first(folder: Path, program: Path) -> None:
    Passes(folder).add("Landlock L2", None)
    assert Passes(folder).has("Landlock L2", None)
    assert Passes(folder).has("Bubblewrap L3", program)
    Passes(folder).drop("Landlock L2", None)
    assert not Passes(folder).has("Landlock L2", None)
    assert Passes(folder).has("Bubblewrap L3", program)


def test_changed_program_is_another(folder: Path, program: Path) -> None:
    os.utime(program, (1, 1))
    assert not Passes(folder).has("Bubblewrap L3", program)


@pytest.mark.parametrize("name", ["__version__", "_sources", "_BOOT"])
def test_changed_ground_is_another(
    folder: Path, program: Path, name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    boot = tmp_path / "boot"
    boot.write_text("another")
    others: dict[str, object] = {"__version__": "9", "_sources": lambda: "other", "_BOOT": boot}
    monkeypatch.setattr(passes, name, others[name])
    assert not Passes(folder).has("Bubblewrap L3", program)


@pytest.mark.parametrize(
    "path", ["/proc/self/status", "/proc/self/cgroup"], ids=["rights", "control groups"]
)
def test_changed_rights_are_others(
    folder: Path, program: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = passes._lines
    monkeypatch.setattr(
        passes, "_lines", lambda asked: ["CapEff: 0"] if asked == path else read(asked)
    )
    assert not Passes(folder).has("Bubblewrap L3", program)


def test_machine_without_a_number_of_its_boot_remembers_nothing(
    folder: Path, program: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(passes, "_BOOT", tmp_path / "missing")
    Passes(folder).add("Bubblewrap L3", program)
    assert not Passes(folder).has("Bubblewrap L3", program)


def test_file_is_for_its_owner(folder: Path) -> None:
    assert stat.S_IMODE(_file(folder).stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o620, 0o602])
@pytest.mark.parametrize("of", ["file", "folder"])
def test_file_that_others_may_write_counts_for_nothing(
    folder: Path, program: Path, mode: int, of: str
) -> None:
    (_file(folder) if of == "file" else folder).chmod(mode | 0o100)
    assert not Passes(folder).has("Bubblewrap L3", program)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_file_of_another_user_counts_for_nothing(folder: Path, program: Path) -> None:
    os.chown(_file(folder), 65534, 65534)
    assert not Passes(folder).has("Bubblewrap L3", program)


def _linked(file: Path) -> None:
    kept = file.rename(file.with_name("kept"))
    file.symlink_to(kept)


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_text("["),
        lambda file: file.write_text('{"a": 1}'),
        lambda file: file.write_text("[" * 60_000),
        lambda file: file.write_bytes(b"\xff\xfe"),
        _linked,
        _pipe,
        Path.unlink,
    ],
    ids=["cut", "table", "deep", "bytes", "link", "pipe", "gone"],
)
def test_damaged_file_counts_for_nothing(
    folder: Path, program: Path, damage: Callable[[Path], object]
) -> None:
    damage(_file(folder))
    assert not Passes(folder).has("Bubblewrap L3", program)
    Passes(folder).add("Bubblewrap L3", program)
    assert Passes(folder).has("Bubblewrap L3", program), "written anew"


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (None, tmp_path / "file" / "filial", Path("/proc/filial")):
        Passes(folder).add("Landlock L2", None)
        assert not Passes(folder).has("Landlock L2", None)


def test_number_of_passes_is_bounded(folder: Path) -> None:
    for number in range(200):
        Passes(folder).add(f"{number}", None)
    assert _file(folder).stat().st_size < 10_000
    assert Passes(folder).has("199", None)


def test_folder_is_the_users_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "filial"
    for nothing in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", nothing)
        monkeypatch.setenv("HOME", "/home/ada")
        assert cache_folder() == Path("/home/ada/.cache/filial")


def test_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    assert cache_folder() is None
