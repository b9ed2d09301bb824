"""Text from candidates and proposers, made safe to show."""

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def one_line(text: str, limit: int | None = None) -> str:
    """Returns ``text`` on one line, without characters that steer a terminal or hide.

    Runs of white space become one space; control, format and surrogate characters (escape
    sequences, bidirectional overrides, zero-width characters) become the replacement character.

    Args:
        text: Any text, trusted or not.
        limit: The most characters to return; a longer text ends with an ellipsis.

    What this does not cover: letters that look like other letters.
    """
    line = " ".join(text.split())
    if not line.isascii() or not line.isprintable():
        line = "".join("�" if unicodedata.category(c) in _HIDDEN else c for c in line)
    return line if limit is None or len(line) <= limit else line[: max(0, limit - 1)] + "…"


def lines(text: str) -> str:
    """Returns ``text`` with its line breaks and tabs, other hidden characters replaced."""
    return "\n".join(
        "".join("�" if c != "\t" and unicodedata.category(c) in _HIDDEN else c for c in line)
        for line in text.split("\n")
    )


def with_article(noun: str) -> str:
    """Returns a noun after "a" or "an", by its first letter."""
    return f"{'an' if noun.startswith(tuple('aeiou')) else 'a'} {noun}"


def short(digest: str) -> str:
    """Returns the first seven characters of a digest, as git does."""
    return digest[:7]
