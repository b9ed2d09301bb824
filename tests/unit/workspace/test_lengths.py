"""How long a program is: what counts as shorter, and what does not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from filial.workspace import Rules, Workspace
from filial.workspace.lengths import n_tokens

PLAIN = "def f(a):\n    return a + 1\n"


def length(text: str, path: str = "a.py") -> int:
    return n_tokens({path: text}, [path])


def test_tokens_are_counted() -> None:
    assert length("x = 1\n") == 3
    assert length("x=1; y=(2,\n)\n") == 10
    assert length(PLAIN) == 10
    assert length("") == 0


@pytest.mark.parametrize(
    "text",
    [
        "# why\ndef f(a):  # what\n    # how\n    return a + 1\n",
        "\n\n\ndef f( a ) :\n\n        return (a\n              + 1)\n".replace(
            "(a\n", "a \\\n"
        ).replace("1)", "1"),
        "def f(a): return a + 1\n",
        "def f(a):\r\n\treturn a + 1\r\n",
        "\ufeff" + PLAIN,
        PLAIN.rstrip("\n"),
        "# -*- coding: latin-1 -*-\n" + PLAIN,
        PLAIN + "# the end",
    ],
)
def test_comments_and_layout_do_not_count(text: str) -> None:
    assert length(text) == length(PLAIN)


@pytest.mark.parametrize(
    "place",
    [
        '"""{}"""\ndef f(a):\n    return a + 1\n'.format,
        'def f(a):\n    """{}"""\n    return a + 1\n'.format,
        'class C:\n    """{}"""\n    x = 1\n'.format,
    ],
)
def test_a_docstring_is_one_token_whatever_it_says(place: Callable[[str], str]) -> None:
    short = length(place("f"))
    assert short == length(place("Returns one more.\n\n    Args:\n        a: A number.\n    "))
    assert length(place("f").replace('"""f"""', "0")) == short


def test_names_and_strings_count_once_however_long() -> None:
    assert length("x = 'a b c d'\n") == length("a_long_name = ''\n") == 3


@pytest.mark.parametrize(
    "text", ["f'{a}'", "f'{a + 1:>{w}} and {f(b)!r}'", "rf'''{a}\n{b}'''", "f''"]
)
def test_a_string_with_holes_is_one_token_in_every_version_of_python(text: str) -> None:
    assert length(f"x = {text}\n") == 3
    assert length(f"x = ({text}, 'b')\n") == 7


@pytest.mark.parametrize(
    "text",
    [
        "def f(:\n  'unfinished\n",
        "x = (1,\n",
        "x = '''never ends\n",
        "if x:\n        a\n    b\n",
        "\x00 \x01",
    ],
)
def test_broken_files_count_something_and_raise_nothing(text: str) -> None:
    assert length(text) > 0


def test_files_that_are_no_python_count_their_words() -> None:
    assert length("lr: 3e-4 # comment\n\n  warm-up: 10\n", "config.yaml") == 6
    assert length("x = 1  # one", "notes.txt") == 5


def test_only_the_files_asked_for_count() -> None:
    files = {"a.py": "x = 1\n", "b.py": PLAIN, "c.txt": "one two"}
    assert n_tokens(files, ["a.py", "c.txt"]) == 5
    assert n_tokens(files, []) == 0


def test_a_tree_is_as_long_as_its_surfaces(tmp_path: Path) -> None:
    rules = Rules(surfaces={"program": ("answer.py", "more/*.py")})
    code = tmp_path / "code"
    (code / "more").mkdir(parents=True)
    (code / "answer.py").write_text("x = 1\n")
    (code / "more" / "b.py").write_text(PLAIN)
    (code / "fixed.py").write_text("y = 0\n" * 100)
    workspace = Workspace(tmp_path / "lineage.git")
    assert workspace.n_tokens(workspace.import_tree(code, rules=rules), rules) == 13
