"""Drawing answers: calls side by side, retries, a deadline. Loads ``pydantic_ai``."""

import asyncio
from dataclasses import dataclass

from pydantic_ai import ModelResponse

from filial.core import FailureKind, Request, Spend
from filial.models.client import Client, plain
from filial.models.endpoints import Endpoint
from filial.models.patience import Patience
from filial.models.pricing import ceiling, price
from filial.models.troubles import Trouble, empty, filtered, late, too_long, trouble_of

_MAX_CHARS = 256 * 1024
_CHARS_OF_A_TOKEN = 32
_MAX_TOKENS = 10**9  # beyond this a count is a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What became of one answer.

    Attributes:
        text: The answer; None if there is none.
        spend: What it cost.
        trouble: Why there is none.
    """

    text: str | None = None
    spend: Spend = Spend()
    trouble: Trouble | None = None


class Session:
    """Asks one model, several calls at a time. It lives in one event loop.

    Args:
        where: Which model, and where.
        key: The key; None if the server wants none.
        patience: How long it is waited for.
    """

    def __init__(self, where: Endpoint, key: str | None, patience: Patience) -> None:
        self._where = where
        self._key = key
        self._patience = patience
        self._client = Client(where, key, patience.timeout_s)
        self._slots = asyncio.Semaphore(patience.n_at_once)

    async def draw_all(self, request: Request) -> list[Drawn]:
        """Returns what became of each answer, in order."""
        deadline = asyncio.get_running_loop().time() + self._patience.timeout_s
        hopeless: list[Trouble] = []
        return await asyncio.gather(
            *(self._draw(request, k, deadline, hopeless) for k in range(request.n_answers))
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._client.aclose()

    async def _draw(
        self, request: Request, index: int, deadline: float, hopeless: list[Trouble]
    ) -> Drawn:
        """Returns one answer; those still waiting when nobody can be answered do not try."""
        try:
            async with asyncio.timeout_at(deadline):
                await self._slots.acquire()
        except TimeoutError:
            return Drawn(trouble=late(self._where, self._patience.timeout_s, is_lost=False))
        try:
            if hopeless:
                return Drawn(trouble=hopeless[0])
            drawn = await self._insist(request, index, deadline)
        finally:
            self._slots.release()
        if drawn.trouble is not None and drawn.trouble.kind is FailureKind.MODEL:
            hopeless.append(drawn.trouble)
        return drawn

    async def _insist(self, request: Request, index: int, deadline: float) -> Drawn:
        """Returns one answer, asked for again as long as there is hope and time."""
        now = asyncio.get_running_loop().time
        n_refusals = 0
        while True:
            drawn = await self._try(request, index, deadline)
            if drawn.trouble is None or not drawn.trouble.is_retried:
                return drawn
            n_refusals += 1
            wait_s = self._patience.wait_s(n_refusals, drawn.trouble.retry_after_s)
            if wait_s is None or now() + wait_s >= deadline:
                return drawn
            await asyncio.sleep(wait_s)

    async def _try(self, request: Request, index: int, deadline: float) -> Drawn:
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._client.ask(request, index)
        except TimeoutError:
            trouble = late(self._where, self._patience.timeout_s, is_lost=True)
        except Exception as error:  # noqa: BLE001 - what a server sends can break its client anywhere
            trouble = trouble_of(error, self._where, self._key)
        else:
            return self._read(response, request)
        spend = ceiling(request, self._where) if trouble.is_lost else Spend()
        return Drawn(trouble=trouble, spend=spend)

    def _read(self, response: ModelResponse, request: Request) -> Drawn:
        spend = self._spend(response, request)
        text = plain(response.text or "")
        trouble: Trouble | None = None
        if response.finish_reason == "content_filter":
            trouble = filtered(self._where)
        elif not text.strip():
            trouble = empty(self._where, is_cut=response.finish_reason == "length")
        elif len(text) > max(_MAX_CHARS, _CHARS_OF_A_TOKEN * request.max_tokens):
            trouble = too_long(self._where)
        if trouble is not None:
            return Drawn(trouble=trouble, spend=spend)
        return Drawn(text=_begun(text, request.prefix), spend=spend)

    def _spend(self, response: ModelResponse, request: Request) -> Spend:
        """Returns what a reply says it cost; the worst case if it says nothing credible."""
        usage = response.usage
        n_tokens = usage.input_tokens + usage.output_tokens
        if not (0 < n_tokens <= _MAX_TOKENS and usage.output_tokens >= 0):
            return ceiling(request, self._where)
        return Spend(tokens=n_tokens, usd=price(usage, self._where) or 0.0)


def _begun(text: str, prefix: str) -> str:
    """Returns an answer that begins as it was to, whether or not the model did as it was told."""
    if text.startswith(prefix):
        return text
    bare = text.lstrip()
    return bare if bare.startswith(prefix) else prefix + text
