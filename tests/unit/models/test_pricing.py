"""What tokens cost: known prices, unknown ones, none."""

import pytest
from genai_prices import Usage

from filial.core import Request, Turn
from filial.models import Provider, endpoint
from filial.models.pricing import ceiling, price, price_of


def test_a_known_model_costs_what_its_price_list_says() -> None:
    # GPT-4o: 2.50 USD a million tokens in, 10 USD a million out.
    assert price_of(1_000_000, 100_000, endpoint("openai:gpt-4o")) == pytest.approx(3.5)
    assert price_of(1_000_000, 0, endpoint("openai-responses:gpt-4o")) == pytest.approx(2.5)


def test_cached_tokens_cost_less() -> None:
    where = endpoint("openai:gpt-4o")
    cached = price(Usage(input_tokens=1000, cache_read_tokens=800), where)
    fresh = price(Usage(input_tokens=1000), where)
    assert cached is not None
    assert fresh is not None
    assert 0 < cached < fresh


def test_a_known_service_elsewhere_has_a_price() -> None:
    where = endpoint("custom:llama-3.3-70b-versatile", "https://api.groq.com/openai/v1")
    cost = price_of(1000, 1000, where)
    assert cost is not None
    assert cost > 0


def test_nothing_is_paid_for_at_home() -> None:
    assert price_of(10**6, 10**6, endpoint("custom:gpt-4o", "http://localhost:1/v1")) == 0.0


@pytest.mark.parametrize(
    ("model", "base_url"),
    [("openai:no-such-model", None), ("custom:gpt-4o", "https://llm.example.com/v1")],
)
def test_an_unknown_price_is_none(model: str, base_url: str | None) -> None:
    assert price_of(1000, 1000, endpoint(model, base_url)) is None
    provider = Provider(model, base_url=base_url, key="k")
    assert not provider.is_priced
    assert provider.worst(Request(system="", turns=())).usd == 0.0


def test_a_ceiling_counts_every_byte_and_every_answer() -> None:
    where = endpoint("openai:gpt-4o")
    request = Request(
        system="é" * 100, turns=(Turn(role="user", text="x" * 300),), max_tokens=50, n_answers=3
    )
    one = ceiling(request, where)
    assert 200 + 300 + 50 <= one.tokens < 200 + 300 + 50 + 200
    assert one.usd == pytest.approx(((one.tokens - 50) * 2.5 + 50 * 10.0) / 1e6)
    provider = Provider("openai:gpt-4o", key="k")
    assert provider.is_priced
    worst = provider.worst(request)
    assert worst.tokens == 3 * one.tokens
    assert worst.usd == pytest.approx(3 * one.usd)
