import errno
import os
from pathlib import Path

import pytest

from filial.errors import BusyError, HostError
from filial.storages.lock import WriterLock, holder


def test_the_holder_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert holder(path) is None
    lock = WriterLock(path)
    assert holder(path) == os.getpid()
    with pytest.raises(BusyError, match=f"process {os.getpid()} is writing to {tmp_path}"):
        WriterLock(path)
    lock.release()
    lock.release()
    assert holder(path) is None
    WriterLock(path).release()


def test_an_unreadable_holder_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = WriterLock(path)
    path.write_text("")
    assert holder(path) is None
    with pytest.raises(BusyError, match="process unknown"):
        WriterLock(path)
    lock.release()


def test_a_symlink_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "victim")
    with pytest.raises(HostError, match="cannot open"):
        WriterLock(tmp_path / "lock")
    assert not (tmp_path / "victim").exists()


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with pytest.raises(HostError, match=r"cannot lock .*: No locks available"):
        WriterLock(tmp_path / "lock")
