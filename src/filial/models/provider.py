"""A model of any provider, or of any server that speaks a known protocol."""

import concurrent.futures
import importlib.util
import threading
from typing import TYPE_CHECKING

from filial.core import Failure, FailureKind, Reply, Request, Spend
from filial.errors import ConfigError
from filial.models.endpoints import Endpoint, endpoint
from filial.models.patience import Patience
from filial.models.pricing import ceiling, price_of

if TYPE_CHECKING:
    from filial.models.drawing import Drawn, Session
    from filial.models.loop import BackgroundLoop

_LIBRARIES = {"anthropic": "anthropic", "google": "google"}  # also the names of the extras


class Provider:
    """Asks a model of OpenAI, Anthropic, Google or any server that speaks one of their protocols.

    Each answer of a request is a call of its own, several at a time. A call that was refused for
    now (HTTP 429, 500 and above, no connection) is repeated; one that may have been paid for never
    is, so ``worst`` is a true ceiling. Nothing is loaded or connected before the first request.

    Args:
        model: ``service:name``, as for :func:`filial.models.endpoint`.
        base_url: Where the model is; None for the service's own address.
        key: The key, from the environment variable that ``endpoint(...).key_variable`` names; None
            if there is none.
        patience: How long it is waited for.

    Attributes:
        name: Which model, in the words of ``study.toml``.

    Raises:
        ConfigError: The model or the address is none, a key is missing or would travel in the
            clear, or the client library is not installed.

    What this does not cover: a server that ignores the limit on tokens may cost more than
    ``worst``. A call that was sent and whose cost was never told counts as its worst case.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        key: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.name = model
        self._where = endpoint(model, base_url)
        self._key = key or None
        self._patience = patience or Patience()
        _check(self._where, self._key)
        self._lock = threading.Lock()
        self._open: tuple[BackgroundLoop, Session] | None = None
        self._is_closed = False

    @property
    def is_priced(self) -> bool:
        """Whether its price is known; if not, the ``usd`` of a reply is 0 and holds no ceiling."""
        return price_of(1, 1, self._where) is not None

    def worst(self, request: Request) -> Spend:
        """Returns a ceiling on the tokens and USD that ``generate`` may cost."""
        one = ceiling(request, self._where)
        return Spend(tokens=one.tokens * request.n_answers, usd=one.usd * request.n_answers)

    def generate(self, request: Request) -> Reply:
        """Returns up to ``request.n_answers`` answers, within ``timeout_s`` or a moment more.

        An interrupt ends its calls and goes on to the caller.
        """
        future = self._start(request)
        if future is None:
            return self._failed(FailureKind.MODEL, f"{self.name} is closed", Spend())
        try:
            return self._reply(future.result())
        except concurrent.futures.CancelledError:
            why = f"{self.name} was closed before it had answered"
            return self._failed(FailureKind.MODEL_BUSY, why, self.worst(request))
        finally:
            future.cancel()  # after an interrupt; else it is done already

    def close(self) -> None:
        """Ends all calls and closes all connections."""
        with self._lock:
            self._is_closed = True
            opened, self._open = self._open, None
        if opened is not None:
            loop, session = opened
            loop.end(session.aclose)

    def _start(self, request: Request) -> "concurrent.futures.Future[list[Drawn]] | None":
        """Returns the answers to come; None if it is closed."""
        with self._lock:
            if self._is_closed:
                return None
            if self._open is None:
                from filial.models.drawing import Session  # noqa: PLC0415 - it takes 2 s to load
                from filial.models.loop import BackgroundLoop  # noqa: PLC0415

                session = Session(self._where, self._key, self._patience)
                self._open = BackgroundLoop(), session
            loop, session = self._open
            return loop.start(session.draw_all(request))

    def _reply(self, drawn: "list[Drawn]") -> Reply:
        spend = sum((one.spend for one in drawn), Spend())
        answers = tuple(one.text for one in drawn if one.text is not None)
        if answers:
            return Reply(answers=answers, spend=spend, model=self.name)
        troubles = [one.trouble for one in drawn if one.trouble is not None]
        told = min(troubles, key=lambda trouble: trouble.kind is not FailureKind.MODEL)
        return self._failed(told.kind, told.detail, spend)

    def _failed(self, kind: FailureKind, detail: str, spend: Spend) -> Reply:
        failure = Failure(kind=kind, detail=detail)
        return Reply(answers=(), spend=spend, failure=failure, model=self.name)


def _check(where: Endpoint, key: str | None) -> None:
    """Raises ConfigError for what would fail at the first call."""
    if where.is_home and key is None:
        raise ConfigError(
            f"{where.service} wants a key; set the environment variable {where.key_variable}"
        )
    if key is not None and not (key.isascii() and key.isprintable() and " " not in key):
        raise ConfigError(f"{where.key_variable} holds no key: there are blanks or odd letters")
    if key is not None and where.base_url.startswith("http:") and not where.is_private:
        raise ConfigError(f"the key would travel in the clear to {where.base_url}; use https")
    library = _LIBRARIES.get(where.service, "openai")
    for package in ("pydantic_ai", library):
        if importlib.util.find_spec(package) is None:
            raise ConfigError(
                f'{where.service} needs {package}; pip install "pydantic-ai-slim[{library}]"'
            )
