"""How long a program is."""

import io
import tokenize
from collections.abc import Iterable, Mapping
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


def n_tokens(files: Mapping[str, str], paths: Iterable[str]) -> int:
    """Returns how many tokens the files at ``paths`` have: comments and layout do not count.

    A string of any length is one token, docstrings among them. Files that are no Python count
    their words.

    Args:
        files: Text of every file by path.
        paths: Which of them.

    What this does not cover: programs that hide in strings, or read their own comments.
    """
    return sum(_count(files[path], path.endswith(".py")) for path in paths)


@lru_cache(maxsize=1024)
def _count(text: str, is_python: bool) -> int:
    if not is_python:
        return len(text.split())
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text.removeprefix("\ufeff")).readline))
    except (tokenize.TokenError, SyntaxError):  # the parser bears with some of these
        return len(text.split())
    n = depth = 0
    for token in tokens:
        name = tokenize.tok_name[token.type]
        n += depth == 0 and token.type not in _SILENT
        # From Python 3.12 on, what is inside an f-string is tokens, too.
        depth += name.endswith("STRING_START") - name.endswith("STRING_END")
    return n
