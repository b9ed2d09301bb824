"""Whose key goes where, and what is no model."""

import pytest

from filial.errors import ConfigError
from filial.models import Patience, Provider, endpoint


@pytest.mark.parametrize(
    ("model", "base_url", "variable"),
    [
        ("openai:gpt-5", None, "OPENAI_API_KEY"),
        ("openai:gpt-5", "https://api.openai.com/v1/", "OPENAI_API_KEY"),
        ("openai-responses:gpt-5", None, "OPENAI_API_KEY"),
        ("anthropic:claude", None, "ANTHROPIC_API_KEY"),
        ("google:gemini", None, "GOOGLE_API_KEY"),
        ("custom", "http://localhost:8000/v1", "FILIAL_API_KEY"),
        ("openai:gpt-5", "https://evil.example/v1", "FILIAL_API_KEY"),
        ("openai:gpt-5", "https://api.openai.com.evil.example/v1", "FILIAL_API_KEY"),
        ("openai:gpt-5", "http://api.openai.com/v1", "FILIAL_API_KEY"),
        ("custom:x", "https://api.openai.com/v1", "FILIAL_API_KEY"),
        ("anthropic:claude", "https://api.openai.com/v1", "FILIAL_API_KEY"),
    ],
)
def test_a_service_s_key_goes_to_its_own_address_only(
    model: str, base_url: str | None, variable: str
) -> None:
    assert endpoint(model, base_url).key_variable == variable


@pytest.mark.parametrize(
    ("host", "is_private"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("[::1]", True),
        ("10.1.2.3", True),
        ("192.168.0.9", True),
        ("gpu-box", True),
        ("gpu.lan", True),
        ("8.8.8.8", False),
        ("llm.example.com", False),
        ("notlocalhost.com", False),
    ],
)
def test_what_is_near_costs_nothing(host: str, *, is_private: bool) -> None:
    assert endpoint("custom:x", f"http://{host}:8000/v1").is_private is is_private


@pytest.mark.parametrize(
    ("model", "base_url", "words"),
    [
        ("gpt-5", None, "SERVICE:NAME"),
        ("opneai:gpt-5", None, "SERVICE:NAME"),
        ("openai", None, "names no model"),
        ("openai:", None, "names no model"),
        ("custom:x", None, "needs a base_url"),
        ("custom:x", "localhost:8000", "http://"),
        ("custom:x", "ftp://localhost/", "http://"),
        ("custom:x", "http://", "http://"),
        ("custom:x", "http://[::1", "no address"),
        ("custom:x", "http://a:99999/", "no address"),
        ("custom:x", "https://me:secret@host/v1", "not in study.toml"),
        ("custom:x", "https://host/v1?key=secret", "not in study.toml"),
    ],
)
def test_what_is_no_model_is_refused(model: str, base_url: str | None, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        endpoint(model, base_url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "key", "words"),
    [
        (None, None, "OPENAI_API_KEY"),
        (None, "", "OPENAI_API_KEY"),
        (None, "sk abc", "OPENAI_API_KEY holds no key"),
        (None, "sk-abc\n", "OPENAI_API_KEY holds no key"),
        ("http://llm.example.com/v1", "sk-abc", "in the clear"),
    ],
)
def test_a_key_that_cannot_serve_is_refused_before_any_call(
    base_url: str | None, key: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        Provider("openai:gpt-5", base_url=base_url, key=key)


def test_a_local_server_needs_no_key() -> None:
    provider = Provider("custom", base_url="http://localhost:8000/v1")
    provider.close()
    provider.close()


@pytest.mark.parametrize(
    ("timeout_s", "max_retries", "n_at_once"),
    [(0.0, 3, 8), (-1.0, 3, 8), (float("inf"), 3, 8), (float("nan"), 3, 8), (1, -1, 8), (1, 3, 0)],
)
def test_impossible_patience_is_refused(
    timeout_s: float, max_retries: int, n_at_once: int
) -> None:
    with pytest.raises(ConfigError):
        Patience(timeout_s=timeout_s, max_retries=max_retries, n_at_once=n_at_once)


def test_waits_double_up_to_the_longest_and_end() -> None:
    patience = Patience(max_retries=4, backoff_s=10.0, max_wait_s=60.0)
    assert [patience.wait_s(n, None) for n in range(1, 6)] == [10.0, 20.0, 40.0, 60.0, None]
    assert patience.wait_s(1, 60.0) == 60.0
    assert patience.wait_s(1, 61.0) is None
    assert patience.wait_s(5, 0.0) is None
