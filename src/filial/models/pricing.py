"""What tokens cost."""

from typing import TYPE_CHECKING

from filial.core import Request, Spend
from filial.models.endpoints import Endpoint

if TYPE_CHECKING:
    from genai_prices.types import AbstractUsage

_PRICED_AS = {"openai-responses": "openai"}
_TOKENS_OF_A_MESSAGE = 32  # what chat templates put around one
_TOKENS_OF_BEGINNING = 64  # telling how to begin


def price(usage: "AbstractUsage", where: Endpoint) -> float | None:
    """Returns what a call cost in USD, or None if nobody has told.

    Prices are those that the installed ``genai-prices`` was released with; none are fetched. On
    this machine and in the local network nothing is paid for.

    Args:
        usage: Tokens in and out, and which of them were cached.
        where: Which model, and where.

    What this does not cover: discounts, taxes, prices that changed since, and a local server that
    passes calls on to somebody who is paid.
    """
    if where.is_private:
        return 0.0
    from genai_prices import calc_price  # noqa: PLC0415 - half a second

    try:
        if where.is_home:
            service = _PRICED_AS.get(where.service, where.service)
            cost = calc_price(usage, where.model, provider_id=service)
        else:
            cost = calc_price(usage, where.model, provider_api_url=where.base_url)
    except LookupError:
        return None
    return float(cost.total_price)


def price_of(n_in: int, n_out: int, where: Endpoint) -> float | None:
    """Returns what so many fresh tokens in and out cost in USD; None if nobody has told."""
    if where.is_private:
        return 0.0
    from genai_prices import Usage  # noqa: PLC0415 - half a second

    return price(Usage(input_tokens=n_in, output_tokens=n_out), where)


def ceiling(request: Request, where: Endpoint) -> Spend:
    """Returns the most that one answer to a request may cost; tokens and USD only.

    No tokenizer makes more tokens than there are bytes.
    """
    texts = [request.system, request.prefix, *(turn.text for turn in request.turns)]
    n_in = sum(len(text.encode("utf-8", "replace")) for text in texts)
    n_in += _TOKENS_OF_A_MESSAGE * len(texts) + _TOKENS_OF_BEGINNING
    usd = price_of(n_in, request.max_tokens, where) or 0.0
    return Spend(tokens=n_in + request.max_tokens, usd=usd)
