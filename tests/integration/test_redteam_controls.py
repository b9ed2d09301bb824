"""Attacks that claim to win where nothing isolates, do: else to lose elsewhere proves nothing."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from filial.redteam import Ending, Specimen, specimens, try_all
from filial.sandboxes import Level, Sandbox
from filial.testing.sandbox import InProcessSandbox, PlainSandbox

PATIENCE_S = 20.0  # several of them hang the examiner
STRUCK = {"it killed the examiner", "it hung or stopped the examiner"}
CONTROLS = [specimen for specimen in specimens() if specimen.wins_bare]
NEEDS_ROOT = {
    f"containment/{name}"
    for name in (
        "15_disk_immutable",
        "48_join_namespaces",
        "50_device_nodes",
        "52_leave_the_control_group",
        "53_clock",
        "54_priority",
        "56_bpf",
        "70_typed_into_a_terminal",
        "74_entropy",
        "79_preloaded",
        "80_handles",
    )
}

pytestmark = pytest.mark.slow


class Boaster(PlainSandbox):
    """Isolates nothing, and says otherwise to the studies that ask for a level."""

    level = Level.L4


@pytest.mark.parametrize("specimen", CONTROLS, ids=lambda specimen: specimen.name)
def test_wins_where_nothing_isolates(
    specimen: Specimen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if specimen.name in NEEDS_ROOT and os.geteuid() != 0:
        pytest.skip("wins as root only")
    # What an examiner leaves that was killed goes with this folder.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sandboxes: tuple[Callable[[], Sandbox], ...] = (Boaster, InProcessSandbox)
    endings = []
    for sandbox in sandboxes:
        (ending,) = try_all([specimen], sandbox, workers=1, patience_s=PATIENCE_S)
        if has_won(ending):
            return
        endings.append(ending)
    pytest.fail(f"won nothing: {endings}")


def has_won(ending: Ending) -> bool:
    """Whether an attack got something, or harmed the examiner; trouble of ours does not count."""
    won = [text for text in ending.escapes if not text.startswith("it ended the study")]
    if ending.outcome == "error" and len(ending.escapes) == 1:
        won = [text for text in won if text in STRUCK]
    return bool(won or ending.damage)


def test_honest_code_wins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    twin = next(s for s in specimens() if s.name == "containment/30_write_outside.twin")
    (ending,) = try_all([twin], Boaster, workers=1, patience_s=PATIENCE_S)
    assert ending.outcome == "promote"
    assert not has_won(ending)
