"""Level L1 isolates nothing: a run says so each time, and on Linux refuses."""

import sys
from pathlib import Path

import pytest

from filial.errors import SandboxError
from filial.running import Surroundings, run
from filial.sandboxes import Level
from filial.study import Study
from filial.testing.sandbox import InProcessSandbox
from filial.testing.studies import copy_without_cheats

pytestmark = pytest.mark.timeout(120)


class Unisolated(InProcessSandbox):
    level = Level.L1


@pytest.fixture
def study(tmp_path: Path) -> Study:
    folder = tmp_path / "study"
    copy_without_cheats("sums", folder)
    settings = folder / "study.toml"
    text = settings.read_text(encoding="utf-8").replace("candidates = 60", "candidates = 1")
    settings.write_text(text + '\n[sandbox]\nminimum = "L1"\n')
    return Study(folder)


def test_each_run_warns_loudly(study: Study) -> None:
    warnings: list[str] = []
    around = Surroundings(workers=0, sandbox=Unisolated(), audit=False, warn=warnings.append)
    for n_runs in (1, 2):
        run(study, around)
        assert len(warnings) == n_runs
    assert "WITHOUT ISOLATION" in warnings[0]


def test_the_warning_is_on_stderr(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    run(study, Surroundings(workers=0, sandbox=Unisolated(), audit=False))
    assert "WITHOUT ISOLATION" in capsys.readouterr().err


def test_other_levels_do_not_warn(study: Study) -> None:
    warnings: list[str] = []
    run(study, Surroundings(workers=0, sandbox=InProcessSandbox(), warn=warnings.append))
    assert warnings == []


@pytest.mark.skipif(sys.platform != "linux", reason="L1 is accepted elsewhere")
def test_linux_refuses(study: Study) -> None:
    with pytest.raises(SandboxError, match="L1 does not isolate; the lowest level here is L2"):
        run(study, Surroundings(workers=0))
