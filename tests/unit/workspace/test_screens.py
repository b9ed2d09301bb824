import ast
from collections.abc import Mapping

import pytest

from filial.core import Failure, FailureKind
from filial.workspace import duplicate, screen, screens, syntax


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    screens._wrong.cache_clear()


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("x = (\n", "a.py:1: '(' was never closed"),
        ("x = 1\ny = = 2\n", "a.py:2: invalid syntax"),
        ("def f():\nreturn 1\n", "a.py:2: expected an indented block"),
        ("a\0", "a.py:1: source code "),
        ("(" * 10_000, "a.py:1: "),
        ("-" * 200_000 + "1", "a.py:1: too deeply nested"),
        ("x = " + "9" * 5000, "a.py:1: "),
        ("x = '\ud800'", "a.py:1: "),
        ("# coding: utf-7\n# +AAo-x = 1\n", "a.py:1: its declared encoding"),
        ("# coding: unicode_escape\n#\\nx = 1\n", "a.py:1: its declared encoding"),
        ("# -*- coding: latin-1 -*-\nx = 'ä'", "a.py:1: its declared encoding"),
        ("# coding: no-such-thing\nx = 1\n", "a.py:1: "),
    ],
)
def test_what_does_not_parse(text: str, detail: str) -> None:
    failure = syntax({"a.py": text})
    assert failure is not None
    assert failure.kind is FailureKind.SYNTAX
    assert failure.detail.startswith(detail)
    assert "\n" not in failure.detail


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a.py": ""},
        {"a.txt": "x = ("},
        {"a.py": "\ufeffx = 1"},
        {"a.py": 'x = "\\d"\nassert (1, "always")\nx is 1\n'},  # warnings are not errors
        {"a.py": "# -*- coding: latin-1 -*-\nx = 'a'"},
        {"a.py": "# -*- coding: utf-8 -*-\nx = 'ä'"},
    ],
)
def test_what_does(files: Mapping[str, str]) -> None:
    assert syntax(files) is None


def test_nothing_is_executed() -> None:
    assert syntax({"a.py": "raise SystemExit"}) is None


def test_texts_seen_before_are_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = ast.parse

    def record(text: str) -> ast.Module:
        parsed.append(text)
        return parse(text)

    monkeypatch.setattr("ast.parse", record)
    assert syntax({"a.py": "x = 1", "b.py": "y = 1"}) is None
    assert syntax({"a.py": "x = 1", "b.py": "y = 2"}) is None
    assert parsed == ["x = 1", "y = 1", "y = 2"]


def test_duplicates() -> None:
    assert duplicate("t1", {"t1"}) == Failure(
        kind=FailureKind.DUPLICATE, detail="the same tree was judged before"
    )
    assert duplicate("t2", {"t1"}) is None


def test_the_cheapest_screen_comes_first() -> None:
    broken = {"a.py": "x = ("}
    kinds = [
        found and found.kind
        for found in (
            screen(broken, "t1", {"t1"}),
            screen(broken, "t2", {"t1"}),
            screen({}, "t2", {"t1"}),
        )
    ]
    assert kinds == [FailureKind.DUPLICATE, FailureKind.SYNTAX, None]
