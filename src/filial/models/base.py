"""The seam of language models."""

from typing import Protocol

from filial.core import Reply, Request


class LanguageModel(Protocol):
    """Answers requests.

    Contract:
        - ``generate`` never raises for what a model, a network or a provider does: such a reply
          has a failure of kind ``MODEL`` whose detail is one sentence that says what to do, and
          the spend that was caused all the same.
        - The spend counts every token that was paid for, those of retries included.
        - It may be called from several threads at once.
        - What the user must mend (an unknown model, a missing key) raises ``ConfigError`` when the
          model is made, before anything is spent.

    Attributes:
        name: Which model, in the words of ``study.toml``.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - an attribute

    def generate(self, request: Request) -> Reply:
        """Returns up to ``request.n_answers`` answers."""
        ...

    def close(self) -> None:
        """Lets go of memory, connections and processes; it may be called twice."""
        ...
