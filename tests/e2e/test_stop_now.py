"""``filial stop --now`` against candidates that fork for ever and hear nothing."""

import subprocess  # noqa: TID251 - a run to stop
from pathlib import Path

import pytest
from conftest import Cli, descendants, is_alive

from filial.errors import SandboxError
from filial.sandboxes import Level, at
from filial.testing.fork_bomb import await_explosion, command, make_study, marked, new_token

slow = pytest.mark.slow


@pytest.mark.parametrize(
    ("level", "workers"),
    [
        pytest.param(level, workers, marks=() if workers == n else slow)
        for level, n in ((Level.L4, 2), (Level.L3, 0), (Level.L2, 2))
        for workers in (0, 2)
    ],
)
@pytest.mark.timeout(300)
def test_nothing_is_left_when_it_returns(
    cli: Cli, tmp_path: Path, level: Level, workers: int
) -> None:
    try:
        at(level)
    except SandboxError as error:
        pytest.skip(str(error))
    token = new_token()
    make_study(tmp_path / "s", token)
    with subprocess.Popen(
        command(tmp_path / "s", level, workers), start_new_session=True, stderr=subprocess.DEVNULL
    ) as run:
        try:
            await_explosion(token, lambda: run.poll() is None)
            family = descendants(run.pid)
            assert len(family) > len(marked(token)) // 2
            out = cli.ok("stop", "s", "--now")
            left = marked(token)
            assert not left, f"{left} are left at {level}"
            assert not any(map(is_alive, family))
            assert not is_alive(run.pid)
            assert f"process {run.pid} has ended" in out
        finally:
            run.kill()
    assert "all blobs and" in cli.ok("verify", "s")
