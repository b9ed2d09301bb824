"""Where a model answers, and which key it gets."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from filial.errors import ConfigError

_HOMES = {
    "openai": ("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "openai-responses": ("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "anthropic": ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "google": ("https://generativelanguage.googleapis.com", "GOOGLE_API_KEY"),
    "custom": ("", "FILIAL_API_KEY"),
}
_FOREIGN_KEY = "FILIAL_API_KEY"
_PRIVATE_SUFFIXES = ("localhost", ".local", ".lan", ".internal", ".home.arpa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One model at one address.

    Attributes:
        service: Which protocol it speaks: ``openai``, ``openai-responses``, ``anthropic``,
            ``google``, or ``custom`` for whatever speaks OpenAI's chat completions.
        model: The model's name there.
        base_url: The address, without a final slash.
        is_home: Whether the address is the service's own.
        is_private: Whether it is this machine or the local network.
        key_variable: Environment variable of its key.
    """

    service: str
    model: str
    base_url: str
    is_home: bool
    is_private: bool
    key_variable: str


def endpoint(model: str, base_url: str | None = None) -> Endpoint:
    """Returns what ``study.toml`` names.

    A service's key goes to the service's own address only: a study from elsewhere, whose
    ``base_url`` is its author's, gets the key in ``FILIAL_API_KEY`` or none.

    Args:
        model: ``service:name``; ``custom`` alone for a server that has one model only.
        base_url: None for the service's own address.

    Raises:
        ConfigError: The service is unknown, the name is missing, or the address is not one.
    """
    service, _, name = model.partition(":")
    if service not in _HOMES:
        known = ", ".join(sorted(_HOMES))
        raise ConfigError(
            f'model = "{model}" names no known service; write "SERVICE:NAME" '
            f'with one of {known}; any server that speaks like OpenAI is "custom:NAME"'
        )
    if not name and service != "custom":
        raise ConfigError(f'model = "{model}" names no model; write "{service}:NAME"')
    home, variable = _HOMES[service]
    if not (base_url or home):
        raise ConfigError(f'model = "{model}" needs a base_url, such as http://127.0.0.1:8000/v1')
    url = (base_url or home).rstrip("/")
    host = _host(url)
    is_home = bool(home) and url.startswith("https:") and host == urlsplit(home).hostname
    return Endpoint(
        service=service,
        model=name or "default",
        base_url=url,
        is_home=is_home,
        is_private=_is_private(host),
        key_variable=variable if is_home else _FOREIGN_KEY,
    )


def _host(url: str) -> str:
    """Returns the host of an address; ConfigError if it is none, or holds a password."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f'base_url = "{url}" is no address: {error}') from error
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigError(f'base_url = "{url}" must begin with http:// or https:// and a host')
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            "base_url is an address only: keys and passwords are in the environment, "
            "not in study.toml"
        )
    return host


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
