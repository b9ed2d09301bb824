"""Text from candidates and proposers, made safe to show."""

import unicodedata

from filial.core.plain import HIDDEN, one_line

__all__ = ["lines", "one_line", "short", "with_article"]


def lines(text: str) -> str:
    """Returns ``text`` with its line breaks and tabs, other hidden characters replaced."""
    return "\n".join(
        "".join("�" if c != "\t" and unicodedata.category(c) in HIDDEN else c for c in line)
        for line in text.split("\n")
    )


def with_article(noun: str) -> str:
    """Returns a noun after "a" or "an", by its first letter."""
    return f"{'an' if noun.startswith(tuple('aeiou')) else 'a'} {noun}"


def short(digest: str) -> str:
    """Returns the first seven characters of a digest, as git does."""
    return digest[:7]
