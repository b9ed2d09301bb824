"""SEARCH/REPLACE pairs: exact, then but for white space, or a reason with the nearest lines."""
# ruff: noqa: E501 - a table

import pytest

from filial.proposers.swaps import NoPlace, nearest, swap

TEXT = "def f(x):\n    y = 1\n    return y\n\n\ndef g(x):\n    y = 2\n    return y"


@pytest.mark.parametrize(
    ("search", "replace", "expected"),
    [
        ("    y = 1\n", "    y = 3\n", TEXT.replace("y = 1", "y = 3") + "\n"),
        ("\n    y = 1\n\n", "", TEXT.replace("    y = 1\n", "") + "\n"),
        ("    y = 2\n    return y\n", "    return 2\n", TEXT[: TEXT.index("    y = 2")] + "    return 2\n"),
        ("y  = 1\n", "y = 3\nz = 4\n", TEXT.replace("y = 1", "y = 3\n    z = 4") + "\n"),
        ("\ty = 1  \n", "\ty = 3\n\tz = 4\n", TEXT.replace("y = 1", "y = 3\n    z = 4") + "\n"),
        ("        y = 1\n", "        y = 3\n", TEXT.replace("y = 1", "y = 3") + "\n"),
    ],
)  # fmt: skip
def test_a_pair_replaces_whole_lines(search: str, replace: str, expected: str) -> None:
    assert swap(TEXT, search, replace) == expected


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("    return y\n", "occur in lines 3 and 8"),
        ("return   y\n", "occur in lines 3 and 8"),
        ("y = 1\nreturn z\n", "do not occur; the nearest are\n2:     y = 1\n3:     return y"),
        ("\n \n", "SEARCH part is empty"),
        ("= 1\n", "do not occur"),
    ],
)
def test_no_place_says_why(search: str, words: str) -> None:
    with pytest.raises(NoPlace) as raised:
        swap(TEXT, search, "z\n")
    assert words in str(raised.value)


def test_the_nearest_lines_share_most_words() -> None:
    assert nearest(TEXT, "def g(x, z):\n    y = 7\n") == "6: def g(x):\n7:     y = 2"
    assert nearest("a\n" + "b" * 500, "c\n") == "1: a"
