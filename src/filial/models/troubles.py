"""What can go wrong with a provider, each as one sentence. Loads ``pydantic_ai``."""

from dataclasses import dataclass

from pydantic_ai import exceptions as ai

from filial.core import FailureKind
from filial.models.bounded import TooLong
from filial.models.endpoints import Endpoint

_MAX_REMARK = 160
_FILTERS = {"content_filter", "content_policy_violation"}
_NOT_SENT = {"pool", "connect"}
_PASSING_STATUS = {408, 409, 425}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why one attempt gave no answer.

    Attributes:
        kind: ``MODEL`` if only a person can mend it, ``MODEL_BUSY`` if it may go away.
        detail: One sentence that says what to do.
        is_retried: Whether the same request may be sent again at once.
        retry_after_s: How long the provider asked to wait first; None if it did not say.
        is_lost: Whether it may have been paid for, though nobody said how much.
    """

    kind: FailureKind
    detail: str
    is_retried: bool = False
    retry_after_s: float | None = None
    is_lost: bool = False


def trouble_of(error: Exception, where: Endpoint, key: str | None) -> Trouble:
    """Returns what an exception of the client library means.

    Args:
        error: What was raised.
        where: Who was asked.
        key: The key that was sent; it is cut out of what the provider says.
    """
    quoted = _quoted(error, key)
    for kinds, told in _BY_CLASS:
        if isinstance(error, kinds):
            return told(error, where, quoted)
    return _garbage(error, where, quoted)


def late(where: Endpoint, timeout_s: float, *, is_lost: bool) -> Trouble:
    """Returns the trouble of having waited in vain."""
    return Trouble(
        kind=FailureKind.MODEL_BUSY,
        detail=f"{where.base_url} did not answer within {timeout_s:g} s; "
        "try again later, or raise timeout_s",
        is_lost=is_lost,
    )


def _authentication(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    status = getattr(error, "status_code", 401)
    return Trouble(
        kind=FailureKind.MODEL,
        detail=f"{where.base_url} refuses the key (HTTP {status}{quoted}); "
        f"set {where.key_variable} to a key that may use {where.model}",
    )


def _not_found(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    meant = getattr(error, "suggested_model_id", None)
    hint = f", perhaps to {meant}" if meant else ""
    return Trouble(
        kind=FailureKind.MODEL,
        detail=f"{where.base_url} has no model {where.model} (HTTP 404{quoted}); "
        f"mend model{hint} or base_url",
    )


def _too_long_to_read(_: Exception, where: Endpoint, quoted: str) -> Trouble:
    return Trouble(
        kind=FailureKind.MODEL,
        detail=f"{where.model} cannot read a request this long{quoted}; "
        "lower the tokens of the brief or take a model with a longer context",
    )


def _quota(_: Exception, where: Endpoint, quoted: str) -> Trouble:
    return Trouble(
        kind=FailureKind.MODEL,
        detail=f"the account at {where.base_url} has no credit left{quoted}; "
        "top it up or take another model",
    )


def _rate(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    wait_s = getattr(error, "retry_after", None)
    asks = f" and asks to wait {wait_s:g} s" if wait_s is not None else ""
    return Trouble(
        kind=FailureKind.MODEL_BUSY,
        detail=f"{where.base_url} limits how often it is asked{asks}{quoted}; "
        "try again later, or lower the share of this proposer",
        is_retried=True,
        retry_after_s=wait_s,
    )


def _server(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    status = getattr(error, "status_code", None)
    code = f" (HTTP {status}{quoted})" if status else quoted
    return Trouble(
        kind=FailureKind.MODEL_BUSY,
        detail=f"{where.base_url} is out of order{code}; try again later",
        is_retried=True,
        retry_after_s=getattr(error, "retry_after", None),
    )


def _rejected(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    if getattr(error, "provider_error_code", None) in _FILTERS:
        return filtered(where)
    status = getattr(error, "status_code", 400)
    return Trouble(
        kind=FailureKind.MODEL,
        detail=f"{where.base_url} refuses the request (HTTP {status}{quoted}); "
        f"take another model or mend the settings of {where.model}",
    )


def _connection(error: Exception, where: Endpoint, _: str) -> Trouble:
    if _caused_by(error, TooLong):
        return too_long(where)
    phase = getattr(error, "phase", None)
    if phase in _NOT_SENT:
        mend = "check the network" if where.is_home else "start the server or mend base_url"
        return Trouble(
            kind=FailureKind.MODEL_BUSY,
            detail=f"nothing answers at {where.base_url}; {mend}",
            is_retried=True,
        )
    if isinstance(error, ai.ModelTimeoutError):
        detail = f"{where.base_url} fell silent; try again later, or raise timeout_s"
    else:
        detail = f"{where.base_url} broke off before its answer was complete; try again later"
    return Trouble(kind=FailureKind.MODEL_BUSY, detail=detail, is_lost=True)


def _other_status(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    status = getattr(error, "status_code", 0)
    if status in _PASSING_STATUS:
        return _server(error, where, quoted)
    return _rejected(error, where, quoted)


def _garbage(error: Exception, where: Endpoint, quoted: str) -> Trouble:
    cause = error.__cause__
    status = getattr(cause, "status_code", None) or getattr(cause, "code", None)  # Google's
    if isinstance(status, int) and 300 <= status < 400:
        return Trouble(
            kind=FailureKind.MODEL,
            detail=f"{where.base_url} answers with a redirect (HTTP {status}); "
            "give the final address as base_url",
        )
    return Trouble(
        kind=FailureKind.MODEL_BUSY,
        detail=f"{where.base_url} answered with something else than a reply{quoted}; "
        "check that base_url leads to the model (most end in /v1)",
        is_lost=True,
    )


def filtered(where: Endpoint) -> Trouble:
    """Returns the trouble of an answer that the provider withholds."""
    return Trouble(
        kind=FailureKind.MODEL_BUSY,
        detail=f"{where.base_url} withheld the answer for what it says (content filter); "
        "if this goes on, reword the goal or take another model",
    )


def too_long(where: Endpoint) -> Trouble:
    """Returns the trouble of an answer that nobody asked for at such length."""
    return Trouble(
        kind=FailureKind.MODEL_BUSY,
        detail=f"{where.model} answered at far greater length than it was asked to; "
        "take a server that heeds max_tokens",
        is_lost=True,
    )


def empty(where: Endpoint, *, is_cut: bool) -> Trouble:
    """Returns the trouble of an answer without text."""
    if is_cut:
        why = "used up max_tokens before it said anything; raise max_tokens"
    else:
        why = "answered nothing; try again later or take another model"
    return Trouble(kind=FailureKind.MODEL_BUSY, detail=f"{where.model} {why}")


_BY_CLASS = (
    (ai.ModelAuthenticationError, _authentication),
    (ai.ModelNotFoundError, _not_found),
    (ai.ModelContextWindowExceededError, _too_long_to_read),
    (ai.ModelQuotaExceededError, _quota),
    (ai.ModelRateLimitError, _rate),
    ((ai.ModelUnavailableError, ai.ModelServerError), _server),
    (ai.ModelRequestRejectedError, _rejected),
    (ai.ModelConnectionError, _connection),
    (ai.ContentFilterError, lambda _, where, __: filtered(where)),
    (ai.ModelHTTPError, _other_status),
)


def _caused_by(error: BaseException, kind: type[BaseException]) -> bool:
    seen = 0
    current: BaseException | None = error
    while current is not None and seen < 10:
        if isinstance(current, kind):
            return True
        current, seen = current.__cause__ or current.__context__, seen + 1
    return False


def _quoted(error: Exception, key: str | None) -> str:
    """Returns what the provider said as ``: "…"``, printable and short; nothing if it is mute."""
    remark = _remark(getattr(error, "body", None))
    if key:
        remark = remark.replace(key, "(the key)")
    remark = " ".join(remark.split())
    remark = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in remark)
    if len(remark) > _MAX_REMARK:
        remark = remark[: _MAX_REMARK - 1] + "…"
    return f': "{remark}"' if remark else ""


def _remark(body: object) -> str:
    if isinstance(body, dict):
        return _remark(body.get("message") or body.get("error") or body.get("detail"))
    return body[: 4 * _MAX_REMARK] if isinstance(body, str) else ""
