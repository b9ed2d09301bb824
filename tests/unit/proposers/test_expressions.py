"""Which tokens are swapped for which."""
# ruff: noqa: S311 - seeded chance, no secrets

from random import Random  # noqa: TID251 - the generator is an argument

import pytest

from filial.core import Metric
from filial.proposers.expressions import change_expression
from filial.proposers.scopes import Scope
from filial.proposers.sites import Change, scan


def changes(text: str) -> set[Change]:
    source = scan(text)
    assert source is not None
    where = Scope(sources={"a.py": source}, parts={}, donors=(), metric=Metric("loss"))
    drawn = {change_expression(Random(seed), where) for seed in range(60)}
    return {change for change in drawn if change is not None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = a + b", {"y = a - b"}),
        ("y = a - b", {"y = a + b"}),
        ("y = a * b", {"y = a / b"}),
        ("y = a / b", {"y = a * b"}),
        ("y = a < b", {"y = a <= b", "y = a > b"}),
        ("y = a >= b", {"y = a > b", "y = a <= b"}),
        ("y = a == b", {"y = a != b"}),
        ("y = a  and  b", {"y = a  or  b"}),
        ("y = max(a, b)", {"y = min(a, b)"}),
        ("y = torch.sin(a)", {"y = torch.cos(a)"}),
        ("y = math.floor(a)", {"y = math.ceil(a)"}),
        ("f(flag=True)", {"f(flag=False)"}),
        ("def f(flag=False): pass", {"def f(flag=True): pass"}),
        ("FLAG = True", {"FLAG = False"}),
        # What must not be offered: it could not work.
        ("y = math.tanh(a)", set()),
        ("y = relu(a)", set()),
        ("y = 'a' + b", set()),
        ("y = a is None", set()),
        ("f(True)", set()),
    ],
)
def test_the_table(text: str, expected: set[str]) -> None:
    assert {change.text for change in changes(text)} == expected


def test_an_activation_becomes_another() -> None:
    texts = {change.text for change in changes("y = F.relu(a)")}
    names = ("gelu", "silu", "tanh", "elu", "softplus")
    assert texts == {f"y = F.{name}(a)" for name in names}


def test_the_hypothesis_quotes_before_and_after() -> None:
    (change,) = changes("def f(a, b):\n    return (a\n            + b)\n")
    assert change.hypothesis == "in f of a.py, `a + b` becomes `a - b`"


def test_a_long_expression_is_not_quoted() -> None:
    (change,) = changes(f"y = {'a' * 40} + {'b' * 40}\n")
    assert change.hypothesis == "in a.py, `+` becomes `-`"


def test_text_around_the_token_is_untouched() -> None:
    (change,) = changes("# é\ny = f'{a + b:>4}'  # + stays\n")
    assert change.text == "# é\ny = f'{a - b:>4}'  # + stays\n"
