"""A ledger that lives and dies with its process: for tests and dry runs."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import islice

from filial.core import Body, Event
from filial.errors import TamperedLedger
from filial.storages.chain import GENESIS, Row, check, linked, seal
from filial.storages.codec import encode


class MemoryStorage:
    """Events and blobs in memory, under the same contract as on disk.

    Args:
        clock: Returns Unix time in seconds.

    What this does not cover: the death of the process.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: list[Row] = []
        self._blobs: dict[str, bytes] = {}

    def append(self, body: Body) -> Event:
        """Adds an event and returns it as a reader will see it."""
        seq, at, text = len(self._rows) + 1, float(self._clock()), encode(body).encode()
        previous = self._rows[-1].digest if self._rows else GENESIS
        row = Row(
            seq=seq,
            at=at,
            kind=type(body).__name__,
            body=text,
            previous=previous,
            digest=seal(seq, at, text, previous),
        )
        event = row.event
        self._rows.append(row)
        return event

    def events(self, after: int = 0, kinds: tuple[type[Body], ...] = ()) -> Iterator[Event]:
        """Yields the events with ``seq > after``; if ``kinds`` are given, only those.

        Numbers, links and digests are checked on the way, unless ``kinds`` leaves out events.

        Raises:
            TamperedLedger: Names the first event that is wrong.
        """
        names = {kind.__name__ for kind in kinds}
        for row in linked(islice(self._rows, after, None), after):
            if not names or row.kind in names:
                yield row.event

    def put(self, data: bytes) -> str:
        """Keeps a blob and returns its SHA-256, hexadecimal."""
        digest = hashlib.sha256(data).hexdigest()
        self._blobs[digest] = bytes(data)
        return digest

    def get(self, digest: str) -> bytes:
        """Returns a blob. Raises TamperedLedger if it is missing."""
        try:
            return self._blobs[digest]
        except KeyError:
            raise TamperedLedger(f"blob {digest} is missing") from None

    def verify(self) -> int:
        """Re-checks the chain and returns the number of events."""
        return check(self._rows, self._blobs.__contains__)

    def close(self) -> None:
        """Does nothing: there is nothing to release."""
