"""What is asked of a language model, and what comes back."""

from dataclasses import dataclass

from filial.core.budget import Spend
from filial.core.failure import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of a conversation.

    Attributes:
        role: ``user`` or ``assistant``.
        text: What was said.
    """

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """All that an answer may depend on.

    Attributes:
        system: Standing instructions.
        turns: The conversation so far, the last turn the user's.
        prefix: How every answer must begin, for models that continue text; others are told.
        n_answers: How many independent answers to draw, at least 1.
        max_tokens: The most tokens of one answer.
        temperature: 0 takes the likeliest token each time.
        seed: The only source of chance, for models that can be seeded.
    """

    system: str
    turns: tuple[Turn, ...]
    prefix: str = ""
    n_answers: int = 1
    max_tokens: int = 1024
    temperature: float = 0.8
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model returned.

    Attributes:
        answers: Texts, ``prefix`` included; maybe fewer than were asked for, none with a failure.
        spend: Tokens in and out, money, seconds of CPU in this process.
        failure: Why there is no answer, kind ``MODEL``.
        model: Name and version of what answered.
    """

    answers: tuple[str, ...]
    spend: Spend = Spend()
    failure: Failure | None = None
    model: str = ""
