import pytest

from filial.core import FailureKind
from filial.workspace import Rules
from filial.workspace.rules import wrong_path

RULES = Rules(
    surfaces={
        "loss": ("loss.py",),
        "data": ("data/*.py", "corpus/", "**/fixtures/?.txt"),
        "program": ("src/**",),
    },
    max_file_bytes=10,
)


@pytest.mark.parametrize(
    ("path", "surface"),
    [
        ("loss.py", "loss"),
        ("lossXpy", None),
        ("Loss.py", None),
        ("a/loss.py", None),
        ("loss.py/a", None),
        ("data/a.py", "data"),
        ("data/.py", "data"),
        ("data/a/b.py", None),
        ("corpus/a/b.txt", "data"),
        ("corpus", None),
        ("fixtures/a.txt", "data"),
        ("x/y/fixtures/b.txt", "data"),
        ("xfixtures/b.txt", None),
        ("fixtures/ab.txt", None),
        ("fixtures//.txt", None),
        ("src/a/b/c", "program"),
        ("exam.py", None),
        ("loss.py\n", None),
    ],
)
def test_globs(path: str, surface: str | None) -> None:
    assert RULES.surface_of(path) == surface


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/passwd", "is absolute"),
        ("..", "'..' component"),
        ("src/../exam.py", "'..' component"),
        ("src/./a.py", "'.' or '..' component"),
        ("src//a.py", "empty"),
        ("src/", "empty"),
        ("", "empty"),
        ("src\\a.py", "backslash"),
        ("src/a\0.py", "control character"),
        ("src/a\n.py", "control character"),
        ("src/a\x1b[2J.py", "control character"),
        ("src/\u202etxt.py", "control character"),
        ("src/\ud800.py", "control character"),
        (".git/config", ".git folder"),
        ("src/.GIT/hooks/pre-commit", ".git folder"),
        ("src/.git. /x", ".git folder"),
        ("git~1/x", ".git folder"),
        ("src/" + "a" * 256, "component that is too long"),
        ("src/" + "ab/" * 400 + "a", "is too long"),
    ],
)
def test_paths_that_can_never_be_in_a_tree(path: str, why: str) -> None:
    assert why in str(wrong_path(path))
    failure = RULES.check_path(path)
    assert failure is not None
    assert failure.kind is FailureKind.UNSAFE
    assert "\n" not in failure.detail


@pytest.mark.parametrize("path", ["a", ".gitignore", "src/git/x", "...", "ä/ö ü.py", "a" * 255])
def test_paths_that_can(path: str) -> None:
    assert wrong_path(path) is None


def test_a_protected_path_is_told_the_surfaces() -> None:
    failure = RULES.check_path("exam.py")
    assert failure is not None
    assert failure.kind is FailureKind.PROTECTED
    assert failure.detail == (
        "exam.py is on no surface; these may be edited: loss: loss.py; "
        "data: data/*.py, corpus/, **/fixtures/?.txt; program: src/**"
    )
    assert RULES.check_path("loss.py") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0123456789", None),
        ("0123456789a", "has 11 bytes; at most 10 are allowed"),
        ("äöüßäö", "has 12 bytes; at most 10 are allowed"),
        ("a\0b", "is binary: it holds a NUL"),
        ("\ud800", "is not valid UTF-8"),
        ("", None),
    ],
)
def test_texts(text: str, why: str | None) -> None:
    assert RULES.wrong_text(text) == why
