"""Every specimen runs in a process of its own: whatever it does to that one, the rest go on."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from filial.errors import HostError
from filial.kits import copy
from filial.redteam import Specimen, specimens, try_all
from filial.sandboxes import Level, Sandbox, at
from filial.testing.sandbox import InProcessSandbox, PlainSandbox

SAMPLES = {s.name: s for s in specimens() if s.name.startswith("forging/01")}
ATTACK = SAMPLES["forging/01_printed_score"]
TWIN = SAMPLES["forging/01_printed_score.twin"]

pytestmark = pytest.mark.timeout(120)


def with_code(text: str) -> Specimen:
    return replace(ATTACK, text=text)


def bare() -> Sandbox:
    return InProcessSandbox()


def test_attack_and_twin_end_as_expected() -> None:
    endings = list(try_all([ATTACK, TWIN], lambda: at(Level.L3), workers=2))
    assert {e.specimen.name: e.outcome for e in endings} == {
        ATTACK.name: "reject",
        TWIN.name: "promote",
    }
    assert not any(e.is_lost or e.is_unexpected for e in endings)


def test_whoever_kills_the_examiner_has_won() -> None:
    killer = with_code("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    first, second = try_all([killer, TWIN], bare, workers=1)
    assert first.has_escaped
    assert "killed the examiner" in first.escapes[0]
    assert second.outcome == "promote"


def test_whoever_stops_the_examiner_has_won() -> None:
    stopper = with_code("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n")
    (ending,) = try_all([stopper], bare, workers=1, patience_s=3.0)
    assert ending.has_escaped
    assert "stopped the examiner" in ending.escapes[0]


def test_without_isolation_secrets_are_lost() -> None:
    """The bench can see an escape: the same specimen wins where nothing holds it."""
    thief = with_code(
        "import contextlib, json, os\n"
        "drop = json.loads(os.environ['REDTEAM_FACTS'])['drop']\n"
        "def answer(question):\n"
        "    with contextlib.suppress(OSError):\n"
        "        open(drop + '/planted', 'w').close()\n"
        "    return 0.0\n"
    )
    (ending,) = try_all([thief], PlainSandbox, workers=1)
    assert ending.damage
    (ending,) = try_all([thief], lambda: at(Level.L3), workers=1)
    assert not ending.has_escaped


def test_too_long_a_place_for_temporary_files_is_no_escape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No socket fits there; in the longest place where one does, it is attacked as ever."""
    n_bytes = 107 - len("/redteam-12345678/redteam-12345678/socket")
    with tempfile.TemporaryDirectory(prefix="rt-", dir="/tmp") as name:
        longest = Path(name, "x" * (n_bytes - len(name) - 1))
        for place in (longest, longest.with_name(f"{longest.name}x")):
            place.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(longest))
        (ending,) = try_all([TWIN], bare, workers=1)
        assert ending.outcome == "promote"
        monkeypatch.setattr(tempfile, "tempdir", f"{longest}x")
        with pytest.raises(HostError, match=f"too long a name, {longest}x: .* set TMPDIR"):
            list(try_all([TWIN], bare, workers=1))
        assert [*longest.iterdir(), *Path(f"{longest}x").iterdir()] == []


def test_a_user_s_own_study_is_attacked_in_a_copy(tmp_path: Path) -> None:
    copy("circles", tmp_path / "mine")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    exits = replace(ATTACK, text="import os\nos._exit(0)\n", is_appended=True)
    (ending,) = try_all([exits], lambda: at(Level.L3), workers=1, own=tmp_path / "mine")
    assert ending.outcome == "no_answer"
    assert not ending.is_lost
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder that leaves room for the names of sockets, wherever the tests' own folders are."""
    with tempfile.TemporaryDirectory(prefix="r", dir="/tmp") as folder:
        yield Path(folder)


def test_whoever_kills_the_examiner_leaves_no_files(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short_folder))
    killer = with_code("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    (ending,) = try_all([killer], bare, workers=1)
    assert ending.has_escaped
    assert list(short_folder.iterdir()) == []


def test_a_caller_that_stops_early_leaves_no_files(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short_folder))
    endings = try_all([ATTACK, TWIN, ATTACK], lambda: at(Level.L3), workers=2)
    next(endings)
    endings.close()  # a generator
    assert list(short_folder.iterdir()) == []
