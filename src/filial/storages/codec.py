"""An event's body as canonical JSON text, and back.

Canonical means: sorted keys, no spaces, UTF-8, fields at their default left out, floats as the
shortest text that reads back to the same float (``Infinity`` and ``NaN`` as Python's ``json``
writes them). The key ``kind`` holds the name of the body's class.
"""

import json
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from filial.core import Body, Generation, Spend
from filial.errors import TamperedLedger

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Value = TypeVar("Value")

KINDS: dict[str, type[Body]] = {kind.__name__: kind for kind in get_args(Body)}
"""Every kind of body by its name."""


def encode(body: Body) -> str:
    """Returns the canonical JSON text of a body.

    Characters that UTF-8 cannot carry (lone surrogates) become question marks.

    Raises:
        PydanticSerializationError: A field holds a value of another type than declared.
    """
    kind = type(body).__name__
    data = _adapter(kind).dump_python(body, mode="json", exclude_defaults=True, warnings="error")
    data["kind"] = kind
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")


def decode(kind: str, text: str | bytes, *, seq: int) -> Body:
    """Returns the body that ``encode`` wrote.

    Args:
        kind: Name of the body's class.
        text: Canonical JSON.
        seq: Number of the event, for the error message.

    Raises:
        TamperedLedger: The kind is unknown, or the text is not JSON of that kind and its shape.
    """
    if kind not in KINDS:
        raise TamperedLedger(f"event {seq} is of the unknown kind {kind!r}")
    try:
        body: Body = _adapter(kind).validate_json(text, strict=True)
    except ValueError as error:  # pydantic's ValidationError is one
        raise TamperedLedger(f"event {seq} does not hold a readable {kind}") from error
    data = text if isinstance(text, bytes) else text.encode()
    if f'"kind":"{kind}"'.encode() not in data:  # within a string its quotes would be escaped
        raise TamperedLedger(f"event {seq} does not call itself {kind}")
    return body


def content(body: Body) -> str:
    """Returns the canonical JSON of a body without what it cost and when it was committed.

    Two runs of one study agree on it, whatever their timing.
    """
    return encode(_without_timing(body))


def _without_timing(value: Value) -> Value:
    if isinstance(value, Generation):
        return replace(value, commit="")  # a commit's id depends on its date
    if not is_dataclass(value):
        return value
    changes: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        changes[field.name] = Spend() if isinstance(part, Spend) else _without_timing(part)
    return replace(value, **changes)  # type: ignore[type-var]  # an instance, never a class


@cache
def _adapter(kind: str) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter  # noqa: PLC0415 - slow to import

    return TypeAdapter(KINDS[kind])
