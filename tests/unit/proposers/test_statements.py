"""What may be done with the statements of a function."""
# ruff: noqa: S311 - seeded chance, no secrets

from random import Random  # noqa: TID251 - the generator is an argument

from filial.core import Metric
from filial.proposers.scopes import Scope
from filial.proposers.sites import scan
from filial.proposers.statements import Act, change_statement, insert, move, remove, repeat

THREE = '''def f(x):
    """Docstring."""
    a = x  # first
    b = a
    return b
'''


def outcomes(act: Act, text: str) -> set[str]:
    source = scan(text)
    assert source is not None
    results = set()
    for block in source.blocks:
        for seed in range(60):
            done = act(Random(seed), source, block)
            if done is not None:
                results.add(source.splice(*done[1]))
    return results


def body(*lines: str) -> str:
    return "\n".join(['def f(x):\n    """Docstring."""', *(f"    {line}" for line in lines), ""])


def test_remove() -> None:
    assert outcomes(remove, THREE) == {
        body("b = a", "return b"),
        body("a = x  # first", "return b"),
    }


def test_repeat() -> None:
    assert outcomes(repeat, THREE) == {
        body("a = x  # first", "a = x  # first", "b = a", "return b"),
        body("a = x  # first", "b = a", "b = a", "return b"),
    }


def test_insert() -> None:
    assert outcomes(insert, THREE) == {
        body("a = x  # first", "b = a", "a = x  # first", "return b"),
    }


def test_move() -> None:
    assert outcomes(move, THREE) == {body("b = a", "a = x  # first", "return b")}


def test_a_block_is_never_left_empty() -> None:
    assert outcomes(remove, "def f(x):\n    x.go()\n") == set()


def test_nothing_happens_outside_functions() -> None:
    for act in (remove, repeat, insert, move):
        assert outcomes(act, "a = 1\nb = 2\nclass C:\n    k = 1\n    m = 2\n") == set()


def test_whole_compound_statements_move_with_their_bodies() -> None:
    text = "def f(x):\n    a = 1\n    if x:\n        a = 2\n    return a"
    assert outcomes(move, text) == {"def f(x):\n    if x:\n        a = 2\n    a = 1\n    return a"}


def test_a_file_without_a_last_line_end() -> None:
    assert outcomes(repeat, "def f(x):\n    x.go()") == {"def f(x):\n    x.go()\n    x.go()\n"}


def test_the_hypothesis_says_what_and_where() -> None:
    source = scan("def f(x):\n    x.go()\n")
    assert source is not None
    where = Scope(sources={"a.py": source}, parts={}, donors=(), metric=Metric("loss"))
    change = change_statement(Random(0), where)
    assert change is not None
    assert change.hypothesis == "in f of a.py, `x.go()` helps twice"


def test_no_function_no_statement() -> None:
    source = scan("x = 1\n")
    assert source is not None
    where = Scope(sources={"a.py": source}, parts={}, donors=(), metric=Metric("loss"))
    assert change_statement(Random(0), where) is None
