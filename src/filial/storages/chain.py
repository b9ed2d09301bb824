"""How one event is tied to the one before it, and how that is checked."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from filial.core import Event, TrialFinished
from filial.errors import TamperedLedger
from filial.storages.codec import decode, encode

GENESIS = "0" * 64
"""What the first event has in place of a previous digest."""
_LATEST_S = 253_402_300_799.0  # the end of the year 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event as it is stored.

    Attributes:
        seq: Position, from 1.
        at: Unix time in seconds.
        kind: Name of the body's class.
        body: The body's canonical JSON, UTF-8.
        previous: Digest of the event before, hexadecimal.
        digest: Digest of this event, hexadecimal.
        is_typed: Whether the store holds every column in the form it was written in.
    """

    seq: int
    at: float
    kind: str
    body: bytes
    previous: str
    digest: str
    is_typed: bool = True

    @property
    def event(self) -> Event:
        """The event. Raises TamperedLedger if the body cannot be read."""
        return Event(
            seq=self.seq,
            at=self.at,
            body=decode(self.kind, self.body, seq=self.seq),
            previous=self.previous,
            digest=self.digest,
        )


def seal(seq: int, at: float, body: bytes, previous: str) -> str:
    """Returns the SHA-256 of the canonical JSON of ``[seq, at, body, previous]``, hexadecimal."""
    return hashlib.sha256(
        b'[%d,%s,%s,"%s"]' % (seq, repr(at).encode(), body, previous.encode())
    ).hexdigest()


def check(rows: Iterable[Row], has_blob: Callable[[str], bool]) -> int:
    """Returns the number of rows after checking numbers, links, digests, bodies and blobs.

    Args:
        rows: All rows from the first on, in the store's order.
        has_blob: Whether a blob of this digest exists.

    Raises:
        TamperedLedger: Names the first event that is wrong, and what is wrong with it.
    """
    n_events = 0
    for row in linked(rows):
        wrong = _wrong_body(row, has_blob)
        if wrong:
            raise TamperedLedger(f"event {row.seq} {wrong}")
        n_events = row.seq
    return n_events


def linked(rows: Iterable[Row], after: int = 0) -> Iterator[Row]:
    """Yields rows as they are read, each after checking its number, link and digest.

    Args:
        rows: All rows with ``seq > after``, in the store's order.
        after: Number of the row before them. If there is one, the first link stays unchecked.

    Raises:
        TamperedLedger: Names the first event that is wrong, and what is wrong with it.
    """
    seq, previous = after, None if after else GENESIS
    for row in rows:
        seq += 1
        wrong = _wrong(row, seq, row.previous if previous is None else previous)
        if wrong:
            raise TamperedLedger(f"event {seq} {wrong}")
        previous = row.digest
        yield row


def _wrong(row: Row, seq: int, previous: str) -> str | None:
    if row.seq != seq:
        return f"is missing; number {row.seq} stands in its place"
    if not row.is_typed:
        return "holds a value of the wrong type"
    if not 0 <= row.at <= _LATEST_S:
        return "has an impossible time"
    if row.previous != previous:
        return "does not follow the event before it"
    if row.digest != seal(row.seq, row.at, row.body, row.previous):
        return "does not match its digest"
    return None


def _wrong_body(row: Row, has_blob: Callable[[str], bool]) -> str | None:
    body = row.event.body
    if json.loads(encode(body)) != json.loads(row.body):
        return f"holds more or less than a {row.kind}"
    if isinstance(body, TrialFinished) and body.items and not has_blob(body.items):
        return f"refers to the blob {body.items}, which is missing"
    return None
