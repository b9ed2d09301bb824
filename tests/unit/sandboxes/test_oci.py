"""The bundle that is written for an OCI runtime, and runtimes that fail."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from filial.errors import SandboxError
from filial.sandboxes import Command, Level, Oci, execute, oci, seccomp

_RULES = seccomp.oci_profile(own_kernel=False)


def _config(folder: Path, command: Command, *, pipes: bool = False) -> dict[str, object]:
    oci._write_bundle(folder / "bundle", command, _RULES, pipes=pipes)
    config: dict[str, object] = json.loads((folder / "bundle" / "config.json").read_text())
    return config


def _mounts(config: dict[str, object]) -> dict[str, tuple[str, list[str]]]:
    listed = config["mounts"]
    assert isinstance(listed, list)
    return {each["destination"]: (each["source"], each.get("options", [])) for each in listed}


@pytest.fixture
def command(tmp_path: Path) -> Command:
    for name in ("code", "out", "data"):
        (tmp_path / name).mkdir()
    (tmp_path / "tool").touch()
    return Command(
        argv=("python", "main.py"),
        code=tmp_path / "code",
        out=tmp_path / "out",
        data=tmp_path / "data",
        inputs={"tool.py": tmp_path / "tool"},
        environment={"MINE": "x"},
    )


def test_mounts_are_the_commands_and_read_only_but_out(tmp_path: Path, command: Command) -> None:
    mounts = _mounts(_config(tmp_path, command))
    expected = {
        "/box": ("code", "ro"),
        "/out": ("out", "rw"),
        "/data": ("data", "ro"),
        "/in/tool.py": ("tool", "ro"),
    }
    for destination, (name, mode) in expected.items():
        source, options = mounts[destination]
        assert source == str(tmp_path / name)
        assert mode in options
    assert "ro" in mounts["/usr"][1]
    writable = {place for place, (_, options) in mounts.items() if "ro" not in options}
    assert writable == {"/proc", "/dev", "/dev/shm", "/tmp", "/out"}  # noqa: S108


def test_out_can_be_read_only(tmp_path: Path) -> None:
    command = Command(argv=("x",), code=tmp_path, out=tmp_path, out_is_readonly=True)
    assert "ro" in _mounts(_config(tmp_path, command))["/out"][1]


def test_process_has_no_rights(tmp_path: Path, command: Command) -> None:
    config = json.loads(json.dumps(_config(tmp_path, command)))
    process = config["process"]
    assert process["noNewPrivileges"] is True
    assert set(map(tuple, process["capabilities"].values())) == {()}
    assert len(process["capabilities"]) == 5
    assert config["root"]["readonly"] is True
    kinds = {each["type"] for each in config["linux"]["namespaces"]}
    assert {"pid", "network", "ipc", "uts", "mount"} <= kinds
    assert not any("path" in each for each in config["linux"]["namespaces"])
    assert "MINE=x" in process["env"]
    assert not [name for name in process["env"] if name.startswith(("FILIAL_IN=", "SOME_"))]


def test_pipes_are_standard_input_and_output(tmp_path: Path, command: Command) -> None:
    process = json.loads(json.dumps(_config(tmp_path, command, pipes=True)))["process"]
    assert {"FILIAL_IN=3", "FILIAL_OUT_FD=4"} <= set(process["env"])
    assert "3<&0 4>&1 </dev/null 1>&2" in process["args"][2]


def test_masks_come_after_what_they_hide_and_outer_ones_first(tmp_path: Path) -> None:
    package = Path(np.__file__).parent.resolve()
    other = tmp_path / "other"
    other.touch()
    masks = {package / "version.py": other, package / "linalg": None, package / "linalg/x": None}
    command = Command(argv=("x",), code=tmp_path, masks=masks)
    mounts = _mounts(_config(tmp_path, command))
    places = list(mounts)
    assert mounts[str(package / "version.py")][0] == str(other)
    assert mounts[str(package / "linalg")][0] == "tmpfs"
    assert str(package / "linalg/x") not in places, "hidden with its folder"
    shown = max(places.index(place) for place in places if str(package).startswith(place + "/"))
    assert shown < places.index(str(package / "linalg"))


def test_filter_lets_a_kernel_of_its_own_make_threads() -> None:
    def names(profile: dict[str, object]) -> set[str]:
        listed = profile["syscalls"]
        assert isinstance(listed, list)
        return {name for rule in listed for name in rule["names"]}

    own = names(seccomp.oci_profile(own_kernel=True))
    assert names(_RULES) - own == {"clone3"}
    assert {"unshare", "mount", "ptrace", "socket", "clone", "fcntl"} <= own


def _runtime(folder: Path, script: str) -> str:
    path = folder / "runtime"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_runtime_that_fails_says_why(tmp_path: Path) -> None:
    runtime = _runtime(tmp_path, "echo it is broken >&2; exit 1")
    with pytest.raises(SandboxError, match="runtime could not start: it is broken"):
        Oci((runtime,))


def test_runtime_that_runs_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="runtime runs nothing"):
        Oci((_runtime(tmp_path, "printf @"),))


def _pretending(folder: Path, version: str, boot: str) -> Oci:
    """A runtime that says which kernel it has, and isolates nothing."""
    return Oci((_runtime(folder, f"printf '@%s\\n\\n%s\\n' '{version}' '{boot}'"),))


def test_level_is_claimed_only_for_another_kernel(tmp_path: Path) -> None:
    version = Path("/proc/version").read_text().strip()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert _pretending(tmp_path, version, boot).level is Level.L3
    assert _pretending(tmp_path, version, "").level is Level.L3
    assert _pretending(tmp_path, "Linux version 1", boot).level is Level.L3
    assert _pretending(tmp_path, "Linux version 1", "").level is Level.L5
    assert _pretending(tmp_path, version, "another boot").level is Level.L5


def test_runtime_is_told_to_forget(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"""
echo "$@" >> {log}
case "$*" in *" run "*) mkdir -p "$2/$6"; printf '@Linux version 1\\n\\n' ;; esac
"""
    sandbox = Oci((_runtime(tmp_path, script),))
    execute(sandbox, Command(argv=("true",), code=tmp_path))
    lines = log.read_text().splitlines()
    ran, forgot = lines[-2:]
    assert ran.startswith("--root ")
    assert " run --bundle " in ran
    assert forgot.split()[2:4] == ["delete", "--force"]
    assert forgot.split()[4] == ran.split()[-1]
    assert not os.path.exists(ran.split()[1])  # noqa: PTH110 - a word of a log
