import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from filial.core import Event, Promoted, Proposed, RunStarted
from filial.storages import MemoryStorage, SqliteStorage, Storage
from filial.testing.storage_contract import BODIES, StorageContract


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Storage:
        return MemoryStorage(count(1000.25).__next__)

    def changed(self, storage: Storage, seq: int, old: str, new: str) -> Storage:
        assert isinstance(storage, MemoryStorage)
        row = storage._rows[seq - 1]
        storage._rows[seq - 1] = replace(row, body=row.body.replace(old.encode(), new.encode()))
        return storage


class TestSqliteStorage(StorageContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> Iterator[None]:
        self.folder = tmp_path / "study with 100% ?odd# name"
        self.opened: list[SqliteStorage] = []
        yield
        for storage in self.opened:
            storage.close()

    @pytest.fixture
    def storage(self) -> Storage:
        return self.open()

    def reopened(self, storage: Storage) -> Storage:
        storage.close()
        return self.open()

    def changed(self, storage: Storage, seq: int, old: str, new: str) -> Storage:
        storage.close()
        connection = sqlite3.connect(self.folder / "ledger.sqlite")
        for name in ("events_no_update", "events_no_delete", "events_in_order"):
            connection.execute(f"DROP TRIGGER {name}")
        statement = "UPDATE events SET body = replace(body, ?, ?) WHERE seq = ?"
        connection.execute(statement, (old, new, seq))
        connection.commit()
        connection.close()
        return self.open()

    def open(self) -> SqliteStorage:
        storage = SqliteStorage(self.folder, clock=count(1000.25).__next__)
        self.opened.append(storage)
        return storage


class TestSqliteReader(TestSqliteStorage):
    """Reads everything back beside the active writer."""

    def reopened(self, storage: Storage) -> Storage:
        if next(storage.events(), None) is None:
            return storage
        reader = SqliteStorage(self.folder, clock=lambda: 0.0, read_only=True)
        self.opened.append(reader)
        return _Both(reader, storage)


class _Both:
    """Reads through one storage, writes through another."""

    def __init__(self, reader: Storage, writer: Storage) -> None:
        self.events, self.get, self.verify = reader.events, reader.get, reader.verify
        self.append, self.put = writer.append, writer.put

    def close(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("make", [MemoryStorage, "sqlite"])
def test_events_of_some_kinds(make: object, tmp_path: Path) -> None:
    storage: MemoryStorage | SqliteStorage
    if make == "sqlite":
        storage = SqliteStorage(tmp_path, clock=lambda: 1.0)
    else:
        storage = MemoryStorage(lambda: 1.0)
    for body in BODIES:
        storage.append(body)

    def bodies(events: Iterator[Event]) -> list[object]:
        return [event.body for event in events]

    assert bodies(storage.events(kinds=(Proposed,))) == [BODIES[2], BODIES[3]]
    assert bodies(storage.events(3, kinds=(Proposed, Promoted))) == [BODIES[3], BODIES[10]]
    assert bodies(storage.events(3, kinds=(RunStarted,))) == []
    storage.close()
