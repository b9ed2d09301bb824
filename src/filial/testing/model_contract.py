"""The contract of the language-model seam as a test suite.

Subclass it in a test module and say how to make the model::

    class TestMine(ModelContract):
        def make(self) -> LanguageModel:
            return Mine()
"""
# ruff: noqa: D102, S101 - a test suite that happens to be shipped

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from filial.core import FailureKind, Request, Turn
from filial.models import LanguageModel

REQUEST = Request(
    system="You are brief.",
    turns=(Turn(role="user", text="Name a colour."),),
    n_answers=3,
    max_tokens=12,
    seed=7,
)
_PREFIXES = ("The", "def f(x):", "def f(x):\n    ")


class ModelContract:
    """What every language model keeps.

    Attributes:
        is_seeded: Whether an answer depends on the request alone.
    """

    is_seeded = True

    def make(self) -> LanguageModel:
        """Returns a fresh model, which can answer some dozen requests of at most 3 answers."""
        raise NotImplementedError

    @pytest.fixture
    def model(self) -> Iterator[LanguageModel]:
        made = self.make()
        yield made
        made.close()

    def test_it_has_a_name(self, model: LanguageModel) -> None:
        assert model.name.strip() == model.name != ""

    def test_an_ordinary_request_is_answered(self, model: LanguageModel) -> None:
        reply = model.generate(REQUEST)
        assert reply.failure is None
        assert 1 <= len(reply.answers) <= REQUEST.n_answers
        assert reply.model

    def test_answers_cost_tokens(self, model: LanguageModel) -> None:
        spend = model.generate(REQUEST).spend
        assert spend.is_finite
        assert spend.tokens > 0
        assert spend.usd >= 0
        assert spend.cpu_s >= 0

    @pytest.mark.parametrize("prefix", _PREFIXES)
    def test_every_answer_begins_with_the_prefix(self, model: LanguageModel, prefix: str) -> None:
        reply = model.generate(replace(REQUEST, prefix=prefix))
        assert reply.answers
        assert all(answer.startswith(prefix) for answer in reply.answers)

    def test_an_equal_request_has_equal_answers(self, model: LanguageModel) -> None:
        if not self.is_seeded:
            pytest.skip("this model cannot be seeded")
        first = model.generate(REQUEST).answers
        model.generate(replace(REQUEST, seed=8))
        assert model.generate(REQUEST).answers == first

    def test_a_long_conversation_is_answered(self, model: LanguageModel) -> None:
        more = (Turn(role="assistant", text="Red."), Turn(role="user", text="Another."))
        assert model.generate(replace(REQUEST, turns=REQUEST.turns + more)).failure is None

    def test_several_threads_may_ask(self, model: LanguageModel) -> None:
        with ThreadPoolExecutor(4) as pool:
            replies = list(pool.map(model.generate, [REQUEST] * 4))
        assert [reply.failure for reply in replies] == [None] * 4

    def test_a_closed_model_fails_in_one_sentence(self, model: LanguageModel) -> None:
        model.close()
        model.close()
        reply = model.generate(REQUEST)
        assert reply.answers == ()
        assert reply.failure is not None
        assert reply.failure.kind is FailureKind.MODEL
        assert reply.failure.detail
        assert "\n" not in reply.failure.detail
