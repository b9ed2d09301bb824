import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from filial.core import RunStopped
from filial.errors import BusyError, HostError, LedgerError, TamperedLedger
from filial.storages import SqliteStorage, encode, schema
from filial.testing.storage_contract import BODIES

N_EVENTS = len(BODIES)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed ledger with every kind of event and one blob."""
    storage = SqliteStorage(tmp_path, clock=count(1000.5).__next__)
    storage.put(b"values")
    for body in BODIES:
        storage.append(body)
    storage.close()
    return tmp_path


def reader(folder: Path) -> SqliteStorage:
    return SqliteStorage(folder, clock=lambda: 0.0, read_only=True)


def writer(folder: Path) -> SqliteStorage:
    return SqliteStorage(folder, clock=lambda: 0.0)


def change(folder: Path, *statements: str) -> None:
    """Does what somebody with the sqlite3 tool could do, past the triggers."""
    connection = sqlite3.connect(folder / "ledger.sqlite")
    for name in ("events_no_update", "events_no_delete", "events_in_order"):
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("PRAGMA writable_schema = ON")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


# -- the schema


def test_the_newest_migration_is_head_and_makes_the_declared_tables(folder: Path) -> None:
    settings = Config()
    settings.set_main_option("script_location", str(schema._MIGRATIONS))
    assert ScriptDirectory.from_config(settings).get_current_head() == schema.HEAD
    storage = reader(folder)
    found = {column["name"] for column in inspect(storage._engine).get_columns("events")}
    assert found == {column.name for column in schema.EVENTS.columns}
    storage.close()


def test_a_newer_schema_is_refused(folder: Path) -> None:
    change(folder, "UPDATE alembic_version SET version_num = '0999'")
    for open_it in (reader, writer):
        with pytest.raises(LedgerError, match="schema 0999, this version of Filial knows 0001"):
            open_it(folder)
    change_back = sqlite3.connect(folder / "ledger.sqlite")
    change_back.execute("UPDATE alembic_version SET version_num = '0001'")
    change_back.commit()
    change_back.close()
    writer(folder).close()  # the lock was given back


def test_an_interrupted_set_up_leaves_no_half_made_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("alembic.runtime.migration.HeadMaintainer.update_to_step", fail)
        with pytest.raises(KeyboardInterrupt):
            writer(tmp_path)
    with pytest.raises(LedgerError, match="there is no ledger in"):
        reader(tmp_path)
    storage = writer(tmp_path)
    assert storage.append(BODIES[0]).seq == 1
    storage.close()


def test_an_empty_version_table_is_set_up_again(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()
    storage = writer(tmp_path)
    assert storage.append(BODIES[0]).seq == 1
    storage.close()


# -- nothing is changed or removed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET at = 0 WHERE seq = 2",
        "DELETE FROM events WHERE seq = 2",
        "INSERT OR REPLACE INTO events SELECT 2, at, kind, body, previous, digest FROM events",
        "INSERT INTO events SELECT 99, at, kind, body, previous, digest FROM events WHERE seq = 1",
    ],
)
def test_the_database_refuses_to_change_events(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "ledger.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="appended in order and never changed"):
        connection.execute(statement)
    connection.close()
    storage = reader(folder)
    assert storage.verify() == N_EVENTS
    storage.close()


def test_the_database_refuses_values_of_another_type(folder: Path) -> None:
    connection = sqlite3.connect(folder / "ledger.sqlite")
    values = (N_EVENTS + 1, 1.0, "x", "x", b"too short", b"too short")
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", values)
    connection.close()


# -- one writer, many readers


def test_a_second_writer_is_told_who_holds_the_ledger(folder: Path) -> None:
    first = writer(folder)
    with pytest.raises(BusyError, match=r"process \d+ is writing to"):
        writer(folder)
    first.close()
    writer(folder).close()


def test_a_reader_follows_an_active_writer(folder: Path) -> None:
    first, second = writer(folder), reader(folder)
    assert len(list(second.events())) == N_EVENTS
    event = first.append(RunStopped(reason="done"))
    assert list(second.events(after=N_EVENTS)) == [event]
    assert second.verify() == N_EVENTS + 1
    second.close()
    first.close()


def test_a_reader_never_writes(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    storage = reader(folder)
    with pytest.raises(LedgerError, match="opened to read only"):
        storage.append(BODIES[0])
    with pytest.raises(LedgerError, match="opened to read only"):
        storage.put(b"more")
    assert storage.verify() == N_EVENTS
    storage.close()
    assert {path: path.read_bytes() for path in before} == before


def test_a_reader_needs_no_right_to_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(folder.rglob("*"))
    monkeypatch.setattr("os.access", lambda *_: False)
    with closing(reader(folder)) as storage:
        assert storage.verify() == N_EVENTS
    assert set(folder.rglob("*")) == before


def test_a_reader_needs_a_ledger(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger in"):
        reader(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(HostError, match="cannot create"):
        writer(tmp_path / "file" / "study")
    (tmp_path / "study" / "lock").mkdir(parents=True)
    with pytest.raises(HostError, match="cannot open"):
        writer(tmp_path / "study")


def test_events_are_read_page_by_page(tmp_path: Path) -> None:
    storage = writer(tmp_path)
    for number in range(2001):
        storage.append(RunStopped(reason=str(number)))
    assert [event.seq for event in storage.events()] == list(range(1, 2002))
    assert [event.seq for event in storage.events(1001)] == list(range(1002, 2002))
    assert storage.verify() == 2001
    storage.close()


# -- tampering


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE events SET at = at + 1 WHERE seq = 3", "event 3 does not match its digest"),
        ("UPDATE events SET at = CAST(at AS TEXT) || 'x' WHERE seq = 3", "event 3 holds a value"),
        ("UPDATE events SET body = replace(body, 'L3', 'L4') WHERE seq = 6", "event 6 does not m"),
        ("UPDATE events SET body = CAST(body AS BLOB) WHERE seq = 6", "event 6 holds a value"),
        ("UPDATE events SET kind = 'RunStopped' WHERE seq = 2", "event 2 does not hold a readab"),
        ("UPDATE events SET kind = CAST(x'FF' AS TEXT) WHERE seq = 2", "event 2 is of the unkno"),
        ("UPDATE events SET previous = zeroblob(32) WHERE seq = 4", "event 4 does not follow"),
        ("UPDATE events SET digest = zeroblob(32) WHERE seq = 4", "event 4 does not match"),
        ("UPDATE events SET digest = hex(digest) WHERE seq = 4", "event 4 holds a value"),
        ("DELETE FROM events WHERE seq = 4", "event 4 is missing; number 5"),
        ("UPDATE events SET seq = -1 WHERE seq = 4", "event 4 is missing; number 5"),
        ("UPDATE events SET seq = 9223372036854775807 WHERE seq = 4", "event 4 is missing; numb"),
        ("UPDATE events SET seq = -9223372036854775808 WHERE seq = 1", "event 1 is missing; numb"),
        ("UPDATE events SET at = 9e999 WHERE seq = 3", "event 3 has an impossible time"),
        ("UPDATE events SET at = -9e999 WHERE seq = 3", "event 3 has an impossible time"),
        ("UPDATE events SET at = 1e308 WHERE seq = 3", "event 3 has an impossible time"),
        ("UPDATE events SET at = -1.0 WHERE seq = 3", "event 3 has an impossible time"),
        ("DROP TABLE events", "no such table"),
    ],
)
def test_tampering_is_noticed_and_named(folder: Path, statement: str, message: str) -> None:
    change(folder, statement)
    with closing(reader(folder)) as storage:
        with pytest.raises(TamperedLedger, match=message):
            storage.verify()
        with pytest.raises(TamperedLedger, match=message):
            list(storage.events())


def test_a_changed_blob_is_named(folder: Path) -> None:
    storage = reader(folder)
    digest = next(iter(storage._blobs.sizes()))
    (folder / "blobs" / digest[:2] / digest[2:]).write_bytes(b"other")
    with pytest.raises(TamperedLedger, match=f"blob {digest}"):
        storage.verify()
    storage.close()


def test_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"not a database at all" * 100)
    for open_it in (reader, writer):
        with pytest.raises(TamperedLedger, match="not a database"):
            open_it(tmp_path)


def row_offsets(data: bytes) -> Iterator[int]:
    """Yields every byte offset that holds an event's kind, body, previous or digest."""
    connection = sqlite3.connect(":memory:")
    connection.deserialize(data)
    for kind, body, previous, digest in connection.execute(
        "SELECT kind, body, previous, digest FROM events"
    ):
        payload = kind.encode() + body.encode() + previous + digest
        at = data.index(payload)
        yield from range(at, at + len(payload))
    connection.close()


def test_an_event_number_that_goes_back_is_noticed(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    kind, body = connection.execute("SELECT kind, body FROM events WHERE seq = 5").fetchone()
    connection.close()
    data = bytearray(path.read_bytes())
    # A cell is: size of the payload, number, header of 6 or 7 bytes after its length, values.
    start = data.index((kind + body).encode()) - 8
    number = data.rindex(5, start - 12, start)
    data[number] = 3
    path.write_bytes(data)
    with (
        closing(reader(folder)) as storage,
        pytest.raises(TamperedLedger, match="event 5 is missing; number 3 stands in its place"),
    ):
        storage.verify()


def test_any_flipped_byte_of_an_event_is_noticed(folder: Path, tmp_path: Path) -> None:
    path = folder / "ledger.sqlite"
    # A copy outside WAL mode, so that opening it makes no side files.
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    data = path.read_bytes()
    offsets = list(row_offsets(data))
    assert len(offsets) > 2000
    for offset in offsets[::37]:
        flipped = bytearray(data)
        flipped[offset] ^= 1 + offset % 255
        path.write_bytes(flipped)
        storage = reader(folder)
        with pytest.raises(TamperedLedger, match=r"event \d+ "):
            storage.verify()
        storage.close()


def test_a_flipped_bit_anywhere_is_noticed_or_changes_no_event(folder: Path) -> None:
    path = folder / "ledger.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    data = path.read_bytes()
    intact = reader(folder)
    expected = list(intact.events())
    intact.close()
    for offset in range(0, len(data), 173):
        flipped = bytearray(data)
        flipped[offset] ^= 1 << offset % 8
        path.write_bytes(flipped)
        storage = None
        try:
            storage = reader(folder)
            storage.verify()
        except (LedgerError, HostError):
            continue
        else:
            assert list(storage.events()) == expected
        finally:
            if storage is not None:
                storage.close()


def test_the_ledger_of_version_1_stays_readable(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "assets" / "ledger-v1", tmp_path / "study")
    expected = json.loads((tmp_path / "study" / "events.json").read_text())
    with closing(reader(tmp_path / "study")) as storage:
        assert [
            {
                "seq": event.seq,
                "kind": type(event.body).__name__,
                "body": json.loads(encode(event.body)),
                "digest": event.digest,
            }
            for event in storage.events()
        ] == expected
        assert storage.verify() == 13
    with closing(writer(tmp_path / "study")) as later:
        assert later.append(BODIES[1]).seq == 14
