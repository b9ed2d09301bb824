"""How long a program is: what counts as shorter, and what does not."""

import ast
import base64
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import filial.kits
from filial.workspace import Rules, Workspace
from filial.workspace.lengths import n_tokens

PLAIN = "def f(a):\n    return a + 1\n"


def length(text: str, path: str = "a.py") -> int:
    return n_tokens({path: text}, [path])


def test_a_bare_carriage_return_ends_a_comment() -> None:
    assert length("# c\rx = 1\r") == 3
    assert length("# c\r\nx = 1\r\n") == 3


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


def test_a_string_counts_its_bytes_and_quotes() -> None:
    assert length("x = 'a b c d'\n") == 2 + 9
    assert length('x = b"""\n"""\n') == 2 + 8
    assert length("x = 'é'\n") == 2 + 4
    assert length("x = ('ab'  # why\n     'c')\n") == 4 + 4 + 3


def test_words_count_once_up_to_a_length_that_no_honest_one_has() -> None:
    assert length("a_name_that_says_what_it_is_for_ = 1\n") == 3
    assert length(f"x = {'7' * 32}\n") == 3
    assert length(f"x = {'7' * 40}\n") == length(f"{'n' * 40} = 7\n") == 3 + 8
    assert length("a" * 40, "notes.txt") == 9


LOOP = "for i in range(9):\n    total += weights[i] * values[i] - bias\n"


@pytest.mark.parametrize(
    "hidden",
    [
        f"exec({LOOP!r})\n",
        f"exec({LOOP.encode()!r})\n",
        f"f'{{exec({LOOP!r})}}'\n".replace("\\n", ";"),
        f"exec(bytes.fromhex('{LOOP.encode().hex()}'))\n",
        f"exec(({int.from_bytes(LOOP.encode(), 'big')}).to_bytes({len(LOOP)}, 'big'))\n",
        f"def f(code={LOOP!r}): exec(code)\n",
        f"f = lambda: {LOOP!r}\nexec(f())\n",
        f"x: {LOOP!r}\nexec(__annotations__['x'])\n",
        f"x = 0; {LOOP!r}\n",
    ],
)
def test_code_in_a_string_is_not_shorter(hidden: str) -> None:
    assert length(hidden) > length(LOOP) == 21


@pytest.mark.parametrize("file", ["model.py", "train.py"])
def test_packed_code_is_not_shorter(file: str) -> None:
    """As tightly as the standard library can, without comments and docstrings."""
    text = (Path(filial.kits.__file__).parent / "bytelm" / "code" / file).read_text()
    bare = ast.unparse(ast.parse(text)).replace("    ", " ").encode()
    packed = base64.b85encode(zlib.compress(bare, level=9)).decode()
    program = f"import zlib, base64\nexec(zlib.decompress(base64.b85decode({packed!r})))\n"
    assert len(packed) < len(bare)
    assert length(program) > length(text)


@pytest.mark.parametrize(
    "text", ["f'{a}'", "f'{a + 1:>{w}} and {f(b)!r}'", "rf'''{a}\n{b}'''", "f''"]
)
def test_a_string_with_holes_counts_the_same_in_every_version_of_python(text: str) -> None:
    assert length(f"x = {text}\n") == 2 + len(text)
    assert length(f"x = ({text}, 'b')\n") == 5 + len(text) + 3
    assert length(f"{text}\n") == len(text), "it may hold code, and is no docstring"


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
