"""Who opens a decoy is noticed, whatever the way in; who leaves it alone is not."""

import os
import resource
import subprocess  # noqa: TID251 - another process opens the decoys
import sys
from pathlib import Path

import pytest

from filial.oversight import Watch, plant
from filial.oversight import decoys as decoys_module

SEED = b"a trial"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "decoys"


def test_equal_trials_show_equal_decoys(tmp_path: Path) -> None:
    one, same, other = (
        plant(tmp_path / name, seed)
        for name, seed in (("a", SEED), ("b", SEED), ("c", b"another"))
    )
    assert one.token == same.token != other.token
    assert {k: p.read_bytes() for k, p in one.files.items()} == {
        k: p.read_bytes() for k, p in same.files.items()
    }


def test_every_decoy_holds_the_token_and_every_path_is_one_inside(folder: Path) -> None:
    decoys = plant(folder, SEED)
    for path in decoys.files.values():
        text = path.read_text(encoding="utf-8").lower()
        assert decoys.token[:8] in text
    inside = {value for value in decoys.variables.values() if value.startswith("/")}
    assert inside
    assert inside <= {f"/in/{name}" for name in decoys.files}
    assert any(decoys.token in value for value in decoys.variables.values())


def test_nothing_opened_nothing_noticed(folder: Path) -> None:
    decoys = plant(folder, SEED)
    with Watch(decoys) as watch:
        for path in decoys.files.values():
            path.stat()
        os.listdir(folder)  # noqa: PTH208 - what a listing does
        assert watch.opened() == ()


def test_an_open_is_noticed_once(folder: Path) -> None:
    decoys = plant(folder, SEED)
    with Watch(decoys) as watch:
        decoys.files["answers.json"].read_bytes()
        assert watch.opened() == ("answers.json",)
        assert watch.opened() == ()


def test_an_open_by_another_process_through_another_name_is_noticed(folder: Path) -> None:
    decoys = plant(folder, SEED)
    alias = folder / "alias"
    os.link(decoys.files["credentials"], alias)
    with Watch(decoys) as watch:
        subprocess.run([sys.executable, "-c", f"open({str(alias)!r}).close()"], check=True)
        assert watch.opened() == ("credentials",)


def test_without_a_watch_there_is_no_trial(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoys_module, "_QUEUE", decoys_module._Queue())
    decoys = plant(folder, SEED)
    lowest = os.open("/dev/null", os.O_RDONLY)
    os.close(lowest)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, limits[1]))  # no descriptor is left
    try:
        with pytest.raises(OSError, match="decoys cannot be watched"), Watch(decoys):
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    decoys.files["credentials"].unlink()
    with pytest.raises(OSError, match="decoys cannot be watched"), Watch(decoys):
        pass


def test_more_opens_than_the_queue_holds_are_noticed_all_the_same(folder: Path) -> None:
    decoys = plant(folder, SEED)
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text(encoding="utf-8"))
    with Watch(decoys) as watch:
        for k in range(2 * limit + 2):
            # Equal events in a row are merged, so take turns.
            name = ("answers.json", "credentials")[k % 2]
            os.close(os.open(decoys.files[name], os.O_RDONLY))
        assert watch.opened()


def test_two_watches_at_once_each_hear_of_their_own(tmp_path: Path) -> None:
    one, two = plant(tmp_path / "one", b"1"), plant(tmp_path / "two", b"2")
    with Watch(one) as first, Watch(two) as second:
        two.files["credentials"].read_bytes()
        assert first.opened() == ()
        assert second.opened() == ("credentials",)


def test_what_one_trial_did_is_not_told_of_the_next(tmp_path: Path) -> None:
    one, two = plant(tmp_path / "one", b"1"), plant(tmp_path / "two", b"2")
    with Watch(one):
        one.files["answers.json"].read_bytes()
    with Watch(two) as later:
        one.files["answers.json"].read_bytes()
        assert later.opened() == ()


def test_a_forked_process_does_not_steal_what_its_parent_must_hear(folder: Path) -> None:
    decoys = plant(folder, SEED)
    with Watch(decoys) as watch:
        decoys.files["answers.json"].read_bytes()
        child = os.fork()
        if child == 0:
            os._exit(len(watch.opened()))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert watch.opened() == ("answers.json",)
