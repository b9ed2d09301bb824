"""A conversation as the one text that a local model continues."""

import re
from collections.abc import Iterable, Mapping

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from filial.core import Request
from filial.errors import ConfigError

_SPLIT = re.compile(r"(.*?)(\s*)\Z", re.DOTALL)


class ChatError(Exception):
    """The template refuses this conversation."""


class Chat:
    """Renders requests with a model's own chat template, exactly as ``transformers`` would.

    Words of the conversation that are control tokens of the model get a space inside: what a
    candidate printed can end no turn and begin none.

    Args:
        template: Jinja text; it runs sandboxed.
        tokens: Further names the template may use, such as ``bos_token``.
        controls: The model's control tokens, as text.

    Raises:
        ConfigError: The template cannot be parsed.
    """

    def __init__(
        self, template: str, tokens: Mapping[str, str], controls: Iterable[str] = ()
    ) -> None:
        environment = ImmutableSandboxedEnvironment(  # as in transformers' chat_template_utils
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _refuse
        try:
            self._template = environment.from_string(template)
        except TemplateError as error:
            raise ConfigError(f"the model's chat template cannot be read: {error}") from error
        self._tokens = dict(tokens)
        words = sorted((w for w in controls if len(w) > 1), key=len, reverse=True)
        self._controls = re.compile("|".join(map(re.escape, words)) or r"(?!)")

    def render(self, request: Request) -> str:
        """Returns what the model is to continue, without the request's prefix.

        Raises:
            ChatError: The template refuses, for example two turns of one speaker.
        """
        said = [("system", request.system)] if request.system else []
        said += [(turn.role, turn.text) for turn in request.turns]
        messages = [{"role": role, "content": self._disarm(text)} for role, text in said]
        try:
            return self._template.render(
                messages=messages, add_generation_prompt=True, **self._tokens
            )
        except (TemplateError, TypeError) as error:
            raise ChatError(str(error)) from error

    def _disarm(self, text: str) -> str:
        return self._controls.sub(lambda match: f"{match[0][0]} {match[0][1:]}", text)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def begun(prefix: str) -> tuple[str, str]:
    """Returns the prefix without the white space at its end, and that white space.

    A model that was taught a line's end and the next indent as one token is lost after a lone
    line's end, so it is given the first part only.
    """
    match = _SPLIT.match(prefix)
    assert match is not None  # noqa: S101 - it matches every text
    return match[1], match[2]


def joined(prefix: str, continuation: str) -> str:
    """Returns the answer: ``prefix``, then what the model wrote after ``begun(prefix)[0]``."""
    _, blank = begun(prefix)
    n_same = 0
    while n_same < min(len(blank), len(continuation)) and blank[n_same] == continuation[n_same]:
        n_same += 1
    return prefix + continuation[n_same:]
