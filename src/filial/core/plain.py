"""Foreign text, made safe to show."""

import unicodedata

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Categories of characters that steer a terminal or hide."""


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
        line = "".join("�" if unicodedata.category(c) in HIDDEN else c for c in line)
    return line if limit is None or len(line) <= limit else line[: max(0, limit - 1)] + "…"
