"""An HTTP client that reads no more than it must. Loads ``httpx2``."""

from collections.abc import AsyncIterator

import httpx2

from filial.models.endpoints import Endpoint

_CONNECT_S = 10.0
MAX_BODY_BYTES = 8 * 1024 * 1024


class TooLong(httpx2.ReadError):
    """A reply is longer than anything that was asked for."""


class _Bounded(httpx2.AsyncByteStream):
    """A reply's bytes, up to a limit."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        n_bytes = 0
        async for chunk in self._stream:
            n_bytes += len(chunk)
            if n_bytes > MAX_BODY_BYTES:
                raise TooLong(f"more than {MAX_BODY_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _bound(response: httpx2.Response) -> None:
    """Puts the limit in front of a reply, and refuses one that could unpack to anything."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise TooLong("packed, though it was asked not to be")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Bounded(response.stream)


def http_client(where: Endpoint, timeout_s: float) -> httpx2.AsyncClient:
    """Returns a client for one address; close it in the loop that used it.

    It follows no redirects, for they might lead the key astray, and asks no proxy of the
    environment for an address in the local network.
    """
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_S)),
        headers={"Accept-Encoding": "identity"},
        follow_redirects=False,
        trust_env=not where.is_private,
        event_hooks={"response": [_bound]},
    )
