"""Attacks that claim to win where nothing isolates, do: else to lose elsewhere proves nothing."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from filial.redteam import Ending, Specimen, specimens, try_all
from filial.sandboxes import Sandbox
from filial.testing.sandbox import InProcessSandbox, PlainSandbox

PATIENCE_S = 20.0  # several of them hang the examiner
STRUCK = {"it killed the examiner", "it hung or stopped the examiner"}
CONTROLS = [specimen for specimen in specimens() if specimen.wins_bare]
NEEDS_ROOT = {
    f"containment/{name}"
    for name in (
        "15_disk_immutable",
        "30_write_outside",
        "31_start_up_files",
        "32_bytecode",
        "50_device_nodes",
        "51_kernel_settings",
        "52_leave_the_control_group",
        "53_clock",
        "54_priority",
        "70_typed_into_a_terminal",
        "73_raw_devices",
        "74_entropy",
        "75_spared_by_the_killer",
        "79_preloaded",
        "80_handles",
        "81_reopened",
        "83_hard_links",
    )
}

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("specimen", CONTROLS, ids=lambda specimen: specimen.name)
def test_wins_where_nothing_isolates(
    specimen: Specimen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if specimen.name in NEEDS_ROOT and os.geteuid() != 0:
        pytest.skip("wins as root only")
    # What an examiner leaves that was killed goes with this folder.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    sandboxes: tuple[Callable[[], Sandbox], ...] = (PlainSandbox, InProcessSandbox)
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
    (ending,) = try_all([twin], PlainSandbox, workers=1, patience_s=PATIENCE_S)
    assert ending.outcome == "promote"
    assert not has_won(ending)
