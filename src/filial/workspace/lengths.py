"""How long a program is."""

import io
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_LONGEST = 32
"""Bytes of a token beyond which each counts: no name or number that means something has more."""


def n_tokens(files: Mapping[str, str], paths: Iterable[str]) -> int:
    """Returns how many tokens the files at ``paths`` have: comments and layout do not count.

    A string counts as many tokens as it has bytes, quotes and all: code that moves into a string,
    packed or not, makes no program shorter. One that is a statement by itself, such as a
    docstring, is one token. So is any other token, up to 32 bytes; each byte beyond them is one
    more. Files that are no Python count their words in the same way.

    Args:
        files: Text of every file by path.
        paths: Which of them.

    What this does not cover: programs that hide in many short names, or read their own comments
    and docstrings.
    """
    return sum(_count(files[path], path.endswith(".py")) for path in paths)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token that counts, or the end of a line that does; strings are whole in any Python."""

    text: str
    is_string: bool
    is_end: bool

    @property
    def is_plain(self) -> bool:
        """Whether it is a string without holes: those may hold code that is run."""
        prefix = self.text[: min(self.text.index(quote) for quote in "'\"" if quote in self.text)]
        return self.is_string and not set("fFtT") & set(prefix)


@lru_cache(maxsize=1024)
def _count(text: str, is_python: bool) -> int:
    if not is_python:
        return _n_words(text)
    try:
        tokens = list(_tokens(_as_read(text)))
    except (tokenize.TokenError, SyntaxError, UnicodeEncodeError):  # the parser bears with some
        return _n_words(text)
    end = _Token("", is_string=False, is_end=True)
    n = 0
    for before, token, after in zip([end, *tokens], tokens, [*tokens[1:], end], strict=False):
        if token.is_string:
            is_statement = before.is_end and after.is_end and token.is_plain
            n += 1 if is_statement else _n_bytes(token.text)
        elif not token.is_end:
            n += _weight(token.text)
    return n


def _as_read(text: str) -> str:
    """Returns the text as the interpreter reads it: a bare carriage return ends a line, too."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _tokens(text: str) -> Iterator[_Token]:
    lines = io.StringIO(text).readlines()
    depth = 0
    start = (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        name = tokenize.tok_name[token.type]
        # From Python 3.12 on, what is inside an f-string is tokens, too.
        if name.endswith("STRING_START"):
            start = start if depth else token.start
            depth += 1
        elif name.endswith("STRING_END"):
            depth -= 1
            if not depth:
                yield _Token(_between(lines, start, token.end), is_string=True, is_end=False)
        elif depth:
            continue
        elif token.type in {tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}:
            yield _Token("", is_string=False, is_end=True)
        elif token.type not in _SILENT:
            is_string = token.type == tokenize.STRING
            yield _Token(token.string, is_string=is_string, is_end=False)


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    """Returns the text from one place to another; lines count from 1, columns from 0."""
    rows = lines[start[0] - 1 : end[0]]
    rows[-1] = rows[-1][: end[1]]
    rows[0] = rows[0][start[1] :]
    return "".join(rows)


def _n_words(text: str) -> int:
    return sum(map(_weight, text.split()))


def _weight(text: str) -> int:
    return 1 + max(0, _n_bytes(text) - _LONGEST)


def _n_bytes(text: str) -> int:
    return len(text.encode(errors="surrogatepass"))
