"""One provider's client. Loads ``pydantic_ai`` and the provider's own library."""

import hashlib

import httpx2
from pydantic_ai import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ModelSettings,
    SystemPromptPart,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.direct import model_request
from pydantic_ai.models import Model

from filial.core import Request
from filial.models.bounded import http_client
from filial.models.endpoints import Endpoint

_NO_KEY = "none"
_SAMPLING_IS_REFUSED = ("openai_supports_reasoning", "anthropic_disallows_sampling_settings")


class Client:
    """Sends requests to one model, each once. It lives in one event loop.

    Args:
        where: Which model, and where.
        key: The key; None if the server wants none.
        timeout_s: After how many silent seconds a connection is given up.

    Attributes:
        model: The library's model.
    """

    def __init__(self, where: Endpoint, key: str | None, timeout_s: float) -> None:
        self._where = where
        self._timeout_s = timeout_s
        self._http = http_client(where, timeout_s)
        self.model = _model(where, key or _NO_KEY, self._http)

    async def ask(self, request: Request, index: int) -> ModelResponse:
        """Returns the provider's answer number ``index`` to a request.

        Raises:
            Exception: Whatever the provider's library makes of what came back.
        """
        return await model_request(
            self.model, _messages(request), model_settings=self._settings(request, index)
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    def _settings(self, request: Request, index: int) -> ModelSettings:
        settings = ModelSettings(
            max_tokens=request.max_tokens, timeout=self._timeout_s, max_retries=0
        )
        if "seed" not in self.model.unsupported_settings:
            settings["seed"] = _seed(request.seed, index)
        profile = self.model.profile
        if not any(profile.get(name) for name in _SAMPLING_IS_REFUSED):
            highest = 1.0 if self._where.service == "anthropic" else 2.0
            settings["temperature"] = min(request.temperature, highest)
        return settings


def instructions(request: Request) -> str:
    """Returns the standing instructions, with how to begin: a provider continues no text."""
    if not request.prefix:
        return request.system
    told = f"Begin your answer with exactly this text:\n{request.prefix}"
    return f"{request.system}\n\n{told}" if request.system else told


def plain(text: str) -> str:
    """Returns text that can be encoded: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _messages(request: Request) -> list[ModelMessage]:
    messages: list[ModelMessage] = []
    if system := instructions(request):
        messages.append(ModelRequest(parts=[SystemPromptPart(plain(system))]))
    for turn in request.turns:
        if turn.role == "assistant":
            messages.append(ModelResponse(parts=[TextPart(plain(turn.text))]))
        else:
            messages.append(ModelRequest(parts=[UserPromptPart(plain(turn.text))]))
    return messages


def _seed(seed: int, index: int) -> int:
    """Returns a seed of its own for each answer, in the 31 bits that every provider takes."""
    digest = hashlib.sha256(f"{seed}:{index}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _model(where: Endpoint, key: str, http: httpx2.AsyncClient) -> Model:
    """Returns the client library's model; only the library that is needed is loaded."""
    match where.service:
        case "anthropic":
            return _anthropic(where, key, http)
        case "google":
            return _google(where, key, http)
        case _:
            return _openai(where, key, http)


def _anthropic(where: Endpoint, key: str, http: httpx2.AsyncClient) -> Model:
    from anthropic import AsyncAnthropic  # noqa: PLC0415 - only who uses it loads it
    from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415
    from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

    client = AsyncAnthropic(api_key=key, base_url=where.base_url, http_client=http)
    return AnthropicModel(where.model, provider=AnthropicProvider(anthropic_client=client))


def _google(where: Endpoint, key: str, http: httpx2.AsyncClient) -> Model:
    from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415 - only who uses it loads it
    from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

    provider = GoogleProvider(api_key=key, base_url=where.base_url, http_client=http)
    return GoogleModel(where.model, provider=provider)


def _openai(where: Endpoint, key: str, http: httpx2.AsyncClient) -> Model:
    from pydantic_ai.models.openai import (  # noqa: PLC0415 - only who uses it loads it
        OpenAIChatModel,
        OpenAIResponsesModel,
    )
    from pydantic_ai.profiles.openai import OpenAIModelProfile  # noqa: PLC0415
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider  # noqa: PLC0415

    if where.is_home:
        home = OpenAIProvider(base_url=where.base_url, api_key=key, http_client=http)
        return OpenAIResponsesModel(where.model, provider=home)
    # Of the two names of this limit, every compatible server knows the older.
    profile = OpenAIModelProfile(openai_chat_supports_max_completion_tokens=False)
    other = OpenAICompatibleProvider(
        "custom", base_url=where.base_url, api_key=key, http_client=http, profile=profile
    )
    if where.service == "openai-responses":
        return OpenAIResponsesModel(where.model, provider=other)
    return OpenAIChatModel(where.model, provider=other)
