"""The storage seam: an append-only ledger and a store of blobs."""

from collections.abc import Iterator
from typing import Protocol

from filial.core import Body, Event


class Storage(Protocol):
    """Keeps a study's events and blobs.

    Contract:
        - ``append`` is atomic and durable against the death of the process: after it returns, the
          event is in ``events()`` of every later reader; if it raises, nothing was added.
        - Events are never changed or removed. ``seq`` counts from 1 without gaps.
        - No reader is given an event that was changed after the fact: ``events`` checks the chain
          as it reads.
        - ``digest`` = SHA-256 of the canonical JSON of ``[seq, at, body, previous]``.
        - ``put`` of the same bytes gives the same digest and stores them once; a blob is complete
          or absent, never half written.
        - One writer at a time; a second gets ``BusyError``. Readers never block the writer.
    """

    def append(self, body: Body) -> Event:
        """Adds an event and returns it. Raises HostError if the disk is full."""
        ...

    def events(self, after: int = 0) -> Iterator[Event]:
        """Yields the events with ``seq > after`` in order, each after checking it.

        Numbers, links and digests are checked; of the first event after an ``after`` above 0 all
        but its link. Blobs are not: ``get`` and ``verify`` check them.

        Raises:
            TamperedLedger: Names the first event that does not match; those before it were
                yielded.
        """
        ...

    def put(self, data: bytes) -> str:
        """Stores a blob and returns its SHA-256, hexadecimal."""
        ...

    def get(self, digest: str) -> bytes:
        """Returns a blob. Raises TamperedLedger if it is missing or does not match its digest."""
        ...

    def verify(self) -> int:
        """Re-checks the chain and every blob; returns the number of events.

        Raises:
            TamperedLedger: Names the first event, or the blob, that does not match.
        """
        ...

    def close(self) -> None:
        """Releases files and locks; may be called twice."""
        ...
