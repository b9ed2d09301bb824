"""Placebo edits change the text and nothing else."""
# ruff: noqa: S311 - seeded chance, no secrets

from collections.abc import Callable
from random import Random  # noqa: TID251 - the generator is an argument

import pytest

from filial.proposers import Placebo
from filial.proposers.placebo import NO_OPS, NoOp, rename_local, swap_functions, swap_imports
from filial.proposers.renames import local_variables
from filial.proposers.sites import scan
from filial.testing.proposer_contract import brief

PROGRAM = '''"""A program."""
import json
import math

SCALE = 3


def spread(xs):
    mean = sum(xs) / len(xs)
    squares = [(x - mean) ** 2 for x in xs]

    def root(total):
        return math.sqrt(total + mean * 0)

    return root(sum(squares))


# What comes out.
def answer(item):
    label = f"{SCALE}:{item!r}"
    xs = [SCALE * x for x in item]
    return json.dumps([label, round(spread(xs), 6)])
'''


def run(text: str) -> str:
    names: dict[str, Callable[[list[int]], str]] = {}
    exec(compile(text, "program", "exec"), names)  # noqa: S102 - our own program
    return names["answer"]([1, 2, 5, 9])


def outcomes(no_op: NoOp, text: str) -> set[str]:
    source = scan(text)
    assert source is not None
    done = [no_op(Random(seed), source) for seed in range(40)]
    return {what_text[1] for what_text in done if what_text is not None}


@pytest.mark.parametrize("no_op", NO_OPS)
def test_every_no_op_does_something_to_the_text_and_nothing_to_the_result(no_op: NoOp) -> None:
    texts = outcomes(no_op, PROGRAM)
    assert texts
    for text in texts:
        assert text != PROGRAM
        assert run(text) == run(PROGRAM)


def test_proposals_differ_between_indices_and_all_kinds_occur() -> None:
    files = {"a.py": PROGRAM}
    said = [Placebo().propose(brief(i, files, ("a.py",))) for i in range(100)]
    texts = {p.patch.edits[0].text for p in said if p is not None}
    assert len(texts) > 60
    assert all(p is not None and p.hypothesis.startswith("placebo: ") for p in said)
    assert len({p.hypothesis for p in said if p is not None}) >= len(NO_OPS)


def test_an_empty_file_will_do() -> None:
    proposal = Placebo().propose(brief(0, {"a.py": ""}, ("a.py",)))
    assert proposal is not None


def test_no_python_no_placebo() -> None:
    assert Placebo().propose(brief(0, {"a.py": "def ("}, ("a.py",))) is None


@pytest.mark.parametrize(
    ("text", "is_swapped"),
    [
        ("import json\nimport math\n", True),
        ("from __future__ import annotations\nimport math\n", False),
        ("import math\nimport numpy\n", False),  # another package may do things when imported
        ("from math import *\nfrom cmath import *\n", False),
        ("from math import sqrt\nfrom cmath import sqrt\n", False),
        ("import os\n\nimport math\n", False),
        ("from . import json\nimport math\n", False),
    ],
)
def test_which_imports_are_swapped(text: str, is_swapped: bool) -> None:
    assert bool(outcomes(swap_imports, text)) is is_swapped


@pytest.mark.parametrize(
    ("text", "is_swapped"),
    [
        ("def f(a, b=1): pass\ndef g(): pass\n", True),
        ("def f(): pass\nx = 1\ndef g(): pass\n", False),
        ("def f(): pass\nprint(f)\ndef g(): pass\n", False),
        ("def f(): pass\ndef f(): pass\n", False),
        ("def f(): pass\ndef g(a=f()): pass\n", False),
        ("def f(): pass\n@f\ndef g(): pass\n", False),
        ("def f(): pass\ndef g(a: f): pass\n", False),
        ("def f(): pass\nclass G: pass\n", False),
    ],
)
def test_which_functions_are_swapped(text: str, is_swapped: bool) -> None:
    assert bool(outcomes(swap_functions, text)) is is_swapped


def test_a_swapped_function_takes_its_comments_along() -> None:
    text = "# One.\ndef f(): pass\n\n\n# Two.\ndef g(): pass\n"
    assert outcomes(swap_functions, text) == {"# Two.\ndef g(): pass\n\n\n# One.\ndef f(): pass\n"}


@pytest.mark.parametrize(
    "body",
    [
        "return x",  # a parameter
        "global y; y = x; return y",
        "y = x; return x.y",
        "y = x; return f(y=y)",
        "y = x; return locals()",
        "y = x; return eval('y')",
        "y = x; return f'{y=}'",
        "y = x; import y; return y",
        "y = x; return lambda y: y",
        "f(x)",
    ],
)
def test_what_is_not_renamed(body: str) -> None:
    assert local_variables(f"def g(x):\n    {body}\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "def g(x):\n    y = x\n    class C:\n        y = 1\n    return C\n",
        "def g(x):\n    y = x\n    def y(): pass\n    return y\n",
        "def g(x):\n    y = x\n    match x:\n        case y: return y\n",
        "def g(x):\n    y = x\n    with x as y: return y\n",
        "def g(*y, **z):\n    y = z = 1\n    return y\n",
        "x = 1\n",
    ],
)
def test_what_is_not_renamed_either(text: str) -> None:
    assert local_variables(text) == ()


def test_a_renamed_variable_is_renamed_everywhere() -> None:
    text = "def g(x):\n    y = x\n    z = [y for _ in x if y]\n    return f'{y} y' + str(z)  # y\n"
    source = scan(text)
    assert source is not None
    done = rename_local(Random(1), source)
    assert done is not None
    what, renamed = done
    if "of g" in what and "name of y" in what:
        fresh = renamed.split("    ")[1].split(" = ")[0]
        assert renamed == text.replace("y = x", f"{fresh} = x").replace(
            "[y for _ in x if y]", f"[{fresh} for _ in x if {fresh}]"
        ).replace("{y} y", f"{{{fresh}}} y")
    else:
        assert "name of z" in what
