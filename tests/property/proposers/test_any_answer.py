"""No answer, however odd, raises anything or takes long."""
# ruff: noqa: E501 - tables

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filial.proposers.answers import MAX_CHARS, Answer, Problem, read
from filial.workspace import patch_from_diff

MODEL = "import math\n\nWIDTH = 4\n\n\ndef f(x):\n    return math.tanh(x)\n"
FILES = {
    "model.py": MODEL,
    "b.py": "x = 1\ny = 2\nx = 1\n",
    "exam.py": "z = 1\n",
    "t.txt": "a\r\n",
}
SURFACES = {"program": ("model.py", "b.py", "t.txt")}

LINES = st.sampled_from(
    [
        "```", "```python", "```python model.py", "```python model.py::f", "```diff", "~~~", "````",
        "  ```", "```json", "<think>", "</think>", "<<<<<<< SEARCH", "<<<<<<< SEARCH b.py", "=======",
        ">>>>>>> REPLACE", "--- a/model.py", "+++ b/model.py", "@@ -1 +1 @@", "@@", "-import math",
        "+import sys", " WIDTH = 4", "WIDTH = 4", "WIDTH = 5", "x = 1", "y = 2", "def f(x):",
        "    return x", "model.py", "exam.py", "# file: b.py", "Hypothesis: h", "*", "", '"""', "'''",
        "Expected gain: 0.1 [0, 1]", '{"files": {"model.py": "x"}}', "{", '{"diff": ""}', "\x00",
        "# ... existing code ...", "\ud800", "\ufeff", "t.txt", "./model.py", "a\tb", "\r",
    ]
)  # fmt: skip
ANSWERS = st.one_of(
    st.text(),
    st.lists(LINES, max_size=30).map("\n".join),
    st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=30).map("\r\n".join),
)


def check(text: str) -> Answer | Problem:
    answer = read(text, FILES, SURFACES, patch_from_diff, "loss")
    if isinstance(answer, Problem):
        assert answer.text
        return answer
    assert answer.patch.edits
    paths = [edit.path for edit in answer.patch.edits]
    assert len(set(paths)) == len(paths)
    assert set(paths) <= set(SURFACES["program"])
    assert all(edit.text != FILES[edit.path] for edit in answer.patch.edits)
    for edit in answer.patch.edits:
        (edit.text or "").encode()  # no lone surrogates, which no file can hold
    return answer


@settings(max_examples=400, deadline=None)
@given(ANSWERS)
def test_anything_is_an_answer_or_a_problem(text: str) -> None:
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp"])))
def test_any_text_in_a_long_fence_is_a_whole_file(text: str) -> None:
    body = f"{text}\n".replace("`", "'").replace("~", "-").replace("<", "(")
    answer = check(f"``````python t.txt\n{body}``````\nBye.")
    assert isinstance(answer, Answer)
    assert answer.patch.edits[0].text == body.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "unit",
    [
        "`", "``` ", "```\n", "```python model.py\n", "```python\nWIDTH = 5\n", "<think>", "<think></think>",
        "<think>\n", "<<<<<<< SEARCH\n", "<<<<<<< SEARCH\n=======\n", "=======\n", "Hypothesis:\n*\n",
        "Hypothesis:" + "\n*" * 19 + "\n", "b.py\n<<<<<<< SEARCH\nx = 1\n=======\n\n>>>>>>> REPLACE\n",
        "@@\n+++ \n", "--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-y = 2\n+y = 3\n", "{", "[", '{"files":', " ",
        "#", "*", "\n", '"""', "'''", '"""\'\'\'', "1", "Expected gain: 1\n", "a.py ", "x(", "-", "\r",
        "```python b.py\nx = 1\n```\n", "# ...\n", "é", "model.py::", "/", ".",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "frame", ["{}", "```python model.py\n{}", "```python model.py::f\n{}\n```"]
)
@pytest.mark.timeout(60)  # a fraction of a second each; quadratic time would be hours
def test_a_megabyte_of_anything_is_read(unit: str, frame: str) -> None:
    check(frame.format(unit * (MAX_CHARS // len(unit)))[:MAX_CHARS])
