"""Which names a file uses and nobody defines."""

import pytest

from filial.proposers.unknowns import undefined_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("x = 1\nprint(x, len, __name__, __file__)\n", set()),
        ("x = y\n", {"y"}),
        ("def f(a):\n    return a + b + sum(c for c in a)\n", {"b"}),
        ("import torch.nn as nn\nfrom a import b\nprint(nn, b, torch)\n", {"torch"}),
        (
            "class A:\n    k = 1\n    def f(self):\n        return k, super().f(), __class__\n",
            {"k"},
        ),
        ("def f():\n    global g\n    g = 1\ndef h():\n    return g\n", set()),
        ("def f():\n    x = 1\n    def g():\n        return x\n    return g\n", set()),
        ("try:\n    1\nexcept ValueError as e:\n    print(e)\nwith a as b:\n    b\n", {"a"}),
        ("from a import *\nprint(anything)\n", set()),
        ("def f(:\n", set()),
        ("x = '\ud800'\n", set()),
        ("\ufeffx = y\n", {"y"}),
    ],
)
def test_undefined_names(text: str, names: set[str]) -> None:
    assert undefined_names(text) == names
