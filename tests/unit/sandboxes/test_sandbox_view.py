"""What a candidate is shown."""

import resource
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.sandboxes import Command, Limits, view
from filial.sandboxes.landlock import _without


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(argv=("python", "train.py", "/in/items", "/out", "/outer"), code=tmp_path)


def test_python_is_the_running_interpreter(command: Command) -> None:
    assert view.argv(command)[:4] == (sys.executable, "-B", "-s", "train.py")


def test_other_programs_are_left_alone(tmp_path: Path) -> None:
    assert view.argv(Command(argv=("sh", "python"), code=tmp_path)) == ("sh", "python")


def test_paths_in_arguments_are_relocated(tmp_path: Path) -> None:
    items = tmp_path / "elsewhere"
    places = view.Places(code=Path("/c"), out=Path("/o"), data=Path("/d"), scratch=Path("/s"))
    words = ("/in/items/1", "/out", "/outer", "/box/train.py", "--x=/data")
    given = Command(argv=words, code=tmp_path, inputs={"items": items})
    expected = (f"{items}/1", "/o", "/outer", "/c/train.py", "--x=/data")
    assert view.relocate(words, given, places) == expected


def test_environment_names_only_what_is_there(command: Command) -> None:
    names = set(view.environment(command, view.INSIDE, ()))
    assert "FILIAL_CODE" in names
    assert names.isdisjoint({"FILIAL_OUT", "FILIAL_DATA", "FILIAL_IN", "FILIAL_OUT_FD"})


def test_project_around_the_virtual_environment_is_not_shown() -> None:
    shown = view.interpreter()
    assert Path(sys.prefix) not in shown
    assert not any(Path(__file__).is_relative_to(path) for path in shown)


def test_every_part_of_the_interpreter_is_shown() -> None:
    shown = [*view.SYSTEM, *view.interpreter()]
    for needed in (Path(sys.executable).resolve(), Path(resource.__file__).resolve()):
        assert any(needed.is_relative_to(path.resolve()) for path in shown), needed


def test_a_folder_below_a_shown_path_is_shown(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/usr/share")
    for path in ("/usr", "/usr/share/study", "/bin/study", f"{sys.prefix}/lib/study", link):
        assert view.shows(Path(path)), path
    for path in ("/", "/usrs", "/etc", "/home", sys.prefix, tmp_path, tmp_path / "link/../.."):
        assert not view.shows(Path(path)), path


def test_hidden_package_is_cut_out_of_a_shown_folder(tmp_path: Path) -> None:
    packages = tmp_path / "lib" / "site-packages"
    for name in ("numpy", "filial"):
        (packages / name).mkdir(parents=True)
    (tmp_path / "lib" / "other").mkdir()
    read, listed = _without(packages / "filial", [tmp_path / "lib"])
    assert sorted(read) == [tmp_path / "lib" / "other", packages / "numpy"]
    assert listed == [tmp_path / "lib", packages]


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b"])
def test_input_without_a_plain_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SandboxError, match="plain name"):
        view.check(Command(argv=("x",), code=tmp_path, inputs={name: tmp_path}))


def test_missing_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="no such input"):
        view.check(Command(argv=("x",), code=tmp_path, inputs={"a": tmp_path / "a"}))


def test_command_without_a_program_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="needs a program"):
        view.check(Command(argv=(), code=tmp_path))


@pytest.mark.parametrize("field", ["code", "out", "data"])
def test_missing_folder_is_refused(tmp_path: Path, field: str) -> None:
    complete = Command(argv=("x",), code=tmp_path, out=tmp_path, data=tmp_path)
    view.check(complete)
    with pytest.raises(SandboxError, match="no such folder"):
        view.check(replace(complete, **{field: tmp_path / "missing"}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("most", "expected"), [(resource.RLIM_INFINITY, (5, 9)), (7, (5, 7)), (3, (3, 3))]
)
def test_limits_never_rise_above_those_in_force(most: int, expected: tuple[int, int]) -> None:
    assert view.at_most((5, 9), most) == expected


def test_kernel_limits_leave_room_for_the_meter() -> None:
    limits = view.rlimits(Limits(processes=10, disk_bytes=100, cpu_s=0.5, memory_bytes=1))
    assert limits[resource.RLIMIT_NPROC] > (10, 10)
    assert limits[resource.RLIMIT_FSIZE] > (100, 100)
    assert limits[resource.RLIMIT_CPU] > (1, 1)
    assert limits[resource.RLIMIT_CORE] == (0, 0)
