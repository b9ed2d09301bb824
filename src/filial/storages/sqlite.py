"""The ledger in one SQLite file, its blobs in a folder beside it."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import LargeBinary, and_, cast, create_engine, func, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool

from filial.core import Body, Event
from filial.errors import FilialError, HostError, LedgerError, TamperedLedger
from filial.storages.blobs import BlobFolder
from filial.storages.chain import GENESIS, Row, check, linked, seal
from filial.storages.codec import encode
from filial.storages.lock import WriterLock
from filial.storages.schema import EVENTS, HEAD, newer, revision, upgrade

LEDGER = "ledger.sqlite"
_PAGE = 1000
_C = EVENTS.c
_INSERT = EVENTS.insert()
# All but numbers is read as bytes: a damaged value shall fail on its event, not in the driver.
_SELECT = select(
    _C.seq,
    _C.at,
    cast(_C.kind, LargeBinary),
    cast(_C.body, LargeBinary),
    cast(_C.previous, LargeBinary),
    cast(_C.digest, LargeBinary),
    and_(
        func.typeof(_C.at) == "real",
        func.typeof(_C.kind) == "text",
        func.typeof(_C.body) == "text",
        func.typeof(_C.previous) == "blob",
        func.typeof(_C.digest) == "blob",
    ),
).order_by(_C.seq)
_LAST = select(_C.seq, cast(_C.digest, LargeBinary)).order_by(_C.seq.desc()).limit(1)
_HOST_CODES = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
    }
)


class SqliteStorage:
    """A study's events in ``folder/ledger.sqlite`` and its blobs in ``folder/blobs``.

    The database runs in WAL mode with ``synchronous=NORMAL``: an event survives the death of the
    process as soon as ``append`` returns. A power cut may take the last events, but what is left
    is a valid chain up to some earlier event.

    Args:
        folder: Where the ledger lives; created for a writer.
        clock: Returns Unix time in seconds.
        read_only: Take no lock, write no event or blob; works beside an active writer and in a
            folder that may not be written. SQLite may leave its side files ``-shm`` and ``-wal``.

    Raises:
        BusyError: Another writer holds the folder.
        LedgerError: A newer Filial wrote the ledger, or there is none to read.
        TamperedLedger: The file is not a readable database.
        HostError: The disk is full or the folder cannot be used.

    What this does not cover: the chain proves that nothing before its end was changed. It cannot
    show that the last events were cut off, nor stop somebody with write access to the file from
    computing a whole new chain; for that, keep the last digest elsewhere.
    """

    def __init__(
        self, folder: Path, *, clock: Callable[[], float], read_only: bool = False
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._blobs = BlobFolder(folder / "blobs")
        self._lock = None if read_only else _lock(folder)
        self._seq, self._digest = 0, GENESIS
        self._engine = create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=StaticPool,
            isolation_level="AUTOCOMMIT",
        )
        try:
            with _translated(folder):
                self._connection = self._engine.connect()
                self._open()
        except BaseException:  # whatever it was, the lock must not stay behind
            self.close()
            raise

    def append(self, body: Body) -> Event:
        """Adds an event and returns it as a reader will see it.

        Raises:
            HostError: The disk is full; nothing was added.
            LedgerError: The storage was opened to read.
        """
        if self._lock is None:
            raise LedgerError(f"{self._folder} was opened to read only")
        seq, at, text = self._seq + 1, float(self._clock()), encode(body).encode()
        digest = seal(seq, at, text, self._digest)
        row = Row(
            seq=seq,
            at=at,
            kind=type(body).__name__,
            body=text,
            previous=self._digest,
            digest=digest,
        )
        event = row.event
        with _translated(self._folder):
            self._connection.execute(
                _INSERT,
                {
                    "seq": seq,
                    "at": at,
                    "kind": row.kind,
                    "body": text.decode(),
                    "previous": bytes.fromhex(self._digest),
                    "digest": bytes.fromhex(digest),
                },
            )
        self._seq, self._digest = seq, digest
        return event

    def events(self, after: int = 0, kinds: tuple[type[Body], ...] = ()) -> Iterator[Event]:
        """Yields the events with ``seq > after``; if ``kinds`` are given, only those.

        Numbers, links and digests are checked on the way, unless ``kinds`` leaves out events.

        Raises:
            TamperedLedger: Names the first event that is wrong.
        """
        rows = self._rows(after, tuple(kind.__name__ for kind in kinds))
        for row in rows if kinds else linked(rows, after):
            yield row.event

    def put(self, data: bytes) -> str:
        """Stores a blob and returns its SHA-256, hexadecimal. Raises HostError on a full disk."""
        if self._lock is None:
            raise LedgerError(f"{self._folder} was opened to read only")
        return self._blobs.put(data)

    def get(self, digest: str) -> bytes:
        """Returns a blob. Raises TamperedLedger if it is missing or does not match."""
        return self._blobs.get(digest)

    def verify(self) -> int:
        """Re-checks numbers, chain, digests, bodies, the file's structure and every blob.

        Returns:
            The number of events.

        Raises:
            TamperedLedger: Names the first event, or the blob, that does not match.
        """
        n_events = check(self._rows(0), self._blobs.has)
        with _translated(self._folder):
            found = self._connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            raise TamperedLedger(f"{self._folder / LEDGER} is damaged: {found}")
        for digest in self._blobs.sizes():
            self._blobs.get(digest)
        return n_events

    def close(self) -> None:
        """Releases files and locks; may be called twice."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()

    def _connect(self) -> sqlite3.Connection:
        path = self._folder / LEDGER
        if self._lock is not None:
            return sqlite3.connect(path, timeout=30, check_same_thread=False)
        if not path.is_file():
            raise _absent(self._folder)
        mode = "mode=ro"
        if not os.access(self._folder, os.W_OK) and not path.with_name(f"{LEDGER}-wal").exists():
            # SQLite cannot make its side files here, and without them nobody is writing.
            mode = "immutable=1"
        return sqlite3.connect(
            f"file:{quote(str(path))}?{mode}", uri=True, timeout=30, check_same_thread=False
        )

    def _open(self) -> None:
        if self._lock is None:
            self._connection.exec_driver_sql("PRAGMA query_only = ON")
            found = revision(self._connection)
            if found != HEAD:
                raise newer(found) if found else _absent(self._folder)
            return
        self._connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        self._connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
        upgrade(self._connection)
        self._blobs.clear_incoming()
        last = self._connection.execute(_LAST).first()
        if last is not None:
            self._seq, self._digest = last[0], _hex(last[1])

    def _rows(self, after: int, kinds: tuple[str, ...] = ()) -> Iterator[Row]:
        # Page by page: an open cursor would keep the writer from shortening its log.
        query = _SELECT.where(_C.kind.in_(kinds)) if kinds else _SELECT
        while True:
            with _translated(self._folder):
                page = self._connection.execute(query.where(_C.seq > after).limit(_PAGE)).all()
            for seq, at, kind, body, previous, digest, is_typed in page:
                if seq <= after:  # only in a damaged file, where it could go on for ever
                    raise TamperedLedger(
                        f"event {after + 1} is missing; number {seq} stands in its place"
                    )
                after = seq
                yield Row(
                    seq=seq,
                    at=at,
                    kind=(kind or b"").decode("utf-8", "replace"),
                    body=body or b"",
                    previous=_hex(previous),
                    digest=_hex(digest),
                    is_typed=bool(is_typed),
                )
            if len(page) < _PAGE:
                return


def _lock(folder: Path) -> WriterLock:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise HostError(f"cannot create {folder}: {error.strerror}") from error
    return WriterLock(folder / "lock")


def _absent(folder: Path) -> LedgerError:
    return LedgerError(f"there is no ledger in {folder} yet; filial run makes it")


def _hex(value: bytes | None) -> str:
    return (value or b"").hex()


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Turns the driver's errors into ours: the machine's trouble, or a damaged file."""
    try:
        yield
    except DatabaseError as error:
        raise _translate(folder, error) from error


def _translate(folder: Path, error: DatabaseError) -> FilialError:
    code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    kind = HostError if code in _HOST_CODES else TamperedLedger
    return kind(f"{folder / LEDGER}: {error.orig}")
