"""Answers in every form become patches; what cannot be used says exactly why."""

import json
from textwrap import indent

import pytest

from filial.core import FailureKind, Prediction
from filial.proposers.answers import MAX_CHARS, Answer, Problem, read
from filial.workspace import patch_from_diff

MODEL = '''"""A model."""

import math

WIDTH = 64


# Rises fast.
def activate(x, slope=0.01):
    """Bends x."""
    return math.tanh(x * slope)


class Norm:
    """Leaves x as it is."""

    def forward(self, x):
        return x
'''
OPTIM = "LR = 1e-3\n\n\ndef rate(step):\n    return LR * step\n"
FILES = {"model.py": MODEL, "optim.py": OPTIM, "exam.py": "SCORE = 1\n"}
SURFACES = {"architecture": ("model.py",), "optimizer": ("optim.py",)}
FASTER = OPTIM.replace("1e-3", "3e-3")


def ask(text: str, files: dict[str, str] | None = None) -> Answer | Problem:
    return read(text, files or FILES, SURFACES, patch_from_diff, "loss")


def edits(text: str, files: dict[str, str] | None = None) -> dict[str, str | None]:
    answer = ask(text, files)
    assert isinstance(answer, Answer), answer
    return {edit.path: edit.text for edit in answer.patch.edits}


def problem(text: str, files: dict[str, str] | None = None) -> Problem:
    answer = ask(text, files)
    assert isinstance(answer, Problem), answer
    return answer


@pytest.mark.parametrize(
    "text",
    [
        f"```python optim.py\n{FASTER}```",
        f"```python:optim.py\n{FASTER}```",
        f'```python title="optim.py"\n{FASTER}```',
        f"```optim.py\n{FASTER}```",
        f"```python {{path=optim.py}}\n{FASTER}```",
        f"### optim.py\n```python\n{FASTER}```\nThat is all.",
        f"**`optim.py`**\n\n```python\n{FASTER}```",
        f"Here is the new `optim.py`:\n```python\n{FASTER}```",
        f"File: ./optim.py\n```python\n{FASTER}```",
        f"```python\n# file: optim.py\n{FASTER}```",
        f"```python\n# optim.py\n{FASTER}```",
        f"~~~python optim.py\n{FASTER}~~~",
        f"````python optim.py\n{FASTER}````",
        f"```python optim.py\n{FASTER}",
        indent(f"```python optim.py\n{FASTER}```", "  "),
        f"<think>\n```python model.py\nx\n```\n</think>\n```python optim.py\n{FASTER}```",
        f"Let me see, model.py is\n```\nfine\n```\n</think>\n```python optim.py\n{FASTER}```",
        f"```python optim.py\n{FASTER}```\n```bash\npython train.py\n```\nHope this helps!",
        f"```python optim.py\nLR = 9\n```\nNo, better:\n```python optim.py\n{FASTER}```",
        f"\ufeff```python optim.py\n\x00{FASTER}```".replace("\n", "\r\n"),
    ],
)
def test_a_whole_file(text: str) -> None:
    assert edits(text) == {"optim.py": FASTER}


@pytest.mark.parametrize(
    "text",
    [
        "```python optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE\n```",
        "```\noptim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE\n```",
        "optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE",
        "<<<<<<< SEARCH optim.py\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE",
        "<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE",
        "optim.py\n<<<<<<< SEARCH\n  LR  =  1e-3\t\n=======\n  LR = 3e-3\n>>>>>>> REPLACE",
        "```diff\n--- a/optim.py\n+++ b/optim.py\n@@ -1 +1 @@\n-LR = 1e-3\n+LR = 3e-3\n```",
        "```diff optim.py\n@@ -7,3 +7,9 @@\n-LR = 1e-3\n+LR = 3e-3\n```",
        "--- a/optim.py\n+++ b/optim.py\n@@ ... @@\n-LR = 1e-3\n+LR = 3e-3\n \n",
        "```python\n--- optim.py\n+++ optim.py\n@@ -1,1 +1,1 @@\n-LR = 1e-3\n+LR = 3e-3\n```",
        "```python optim.py::LR\nLR = 3e-3\n```",
        "```python\nLR = 3e-3\n```",
        json.dumps({"hypothesis": "h", "files": {"optim.py": FASTER}}),
        f"```json\n{json.dumps({'files': {'optim.py': FASTER.rstrip()}})}\n```\nDone.",
        json.dumps({"diff": "--- optim.py\n+++ optim.py\n@@ -1 +1 @@\n-LR = 1e-3\n+LR = 3e-3\n"}),
    ],
)
def test_a_part_of_a_file(text: str) -> None:
    assert edits(text) == {"optim.py": FASTER}


NEW_ACTIVATE = "def activate(x, slope=0.01):\n    return max(x, slope * x)"


@pytest.mark.parametrize(
    "text",
    [
        f"```python model.py::activate\n{NEW_ACTIVATE}\n```",
        f"### model.py::activate\n```python\n{NEW_ACTIVATE}\n```",
        f"```python\n{NEW_ACTIVATE}\n```",
        f"```python\n# model.py::activate\n{NEW_ACTIVATE}\n```",
    ],
)
def test_a_definition_replaces_its_namesake_and_the_rest_stays(text: str) -> None:
    assert edits(text) == {
        "model.py": MODEL.replace(
            MODEL[MODEL.index("def activate") : MODEL.index("\n\n\nclass")], NEW_ACTIVATE
        )
    }


def test_imports_and_companions_of_a_definition_come_along() -> None:
    block = (
        "import math\nimport random\nSCALE = 2\n\n"
        "def unused():\n    pass\n\ndef activate(x):\n    return random.gauss(x, SCALE)\n"
    )
    text = edits(f"```python model.py::activate\n{block}```")["model.py"] or ""
    assert "import math\nimport random\n" in text
    assert "SCALE = 2\n\n\n# Rises fast.\ndef activate(x):\n" in text
    assert "unused" not in text
    assert text.count("import math") == 1


def test_a_block_that_needs_what_only_the_file_defines_is_a_part_of_it() -> None:
    block = "```python optim.py\ndef rate(step):\n    return LR * step ** 0.5\n```"
    assert edits(block) == {"optim.py": OPTIM.replace("LR * step", "LR * step ** 0.5")}


def test_a_block_without_a_path_that_defines_all_there_is_stands_for_the_file() -> None:
    text = f"```python\n{FASTER}print(rate(1))\n```"
    files = {"optim.py": OPTIM}
    answer = read(text, files, {"optimizer": ("optim.py",)}, patch_from_diff, "loss")
    assert isinstance(answer, Answer)
    assert answer.patch.edits[0].text == f"{FASTER}print(rate(1))\n"


def test_several_files_and_forms_at_once() -> None:
    text = (
        "```python model.py::Norm\nclass Norm:\n    def forward(self, x):\n"
        "        return -x\n```\n"
        "optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE\n"
        "<<<<<<< SEARCH\n    return LR * step\n=======\n    return LR\n>>>>>>> REPLACE\n"
        "and\n```diff\n--- a/model.py\n+++ b/model.py\n@@ -5 +5 @@\n-WIDTH = 64\n+WIDTH = 96\n```"
    )
    made = edits(text)
    assert made["optim.py"] == "LR = 3e-3\n\n\ndef rate(step):\n    return LR\n"
    assert "WIDTH = 96" in (made["model.py"] or "")
    assert "return -x" in (made["model.py"] or "")


def test_fences_within_docstrings_belong_to_the_block() -> None:
    body = f'"""Use:\n```python\nrate(1)\n```\n"""\n{FASTER}'
    assert edits(f"```python optim.py\n{body}```\nBye.") == {"optim.py": body}


def test_quotes_that_open_no_string_end_no_block_late() -> None:
    body = f"# no ''' here, but ''' and\nX = '\"\"\"'\n{FASTER}"
    assert edits(f"```python optim.py\n{body}```\nBye.") == {"optim.py": body}


def test_a_block_whose_end_is_missing_ends_where_the_next_begins() -> None:
    made = edits(f"```python optim.py\n{FASTER}```python model.py\nWIDTH = 1\n```")
    assert made == {"optim.py": FASTER, "model.py": "WIDTH = 1\n"}


def test_line_ends_stay_as_they_were() -> None:
    files = FILES | {"optim.py": OPTIM.replace("\n", "\r\n")}
    assert edits(f"```python optim.py\n{FASTER}```", files) == {
        "optim.py": FASTER.replace("\n", "\r\n")
    }
    pair = "optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 3e-3\n>>>>>>> REPLACE"
    assert edits(pair, files) == {"optim.py": FASTER.replace("\n", "\r\n")}


def test_a_loose_match_takes_over_the_indentation() -> None:
    pair = (
        "model.py\n<<<<<<< SEARCH\ndef forward(self, x):\n    return x\n=======\n"
        "def forward(self, x):\n    y = x\n\n    return y\n>>>>>>> REPLACE"
    )
    expected = "    def forward(self, x):\n        y = x\n\n        return y\n"
    assert (edits(pair)["model.py"] or "").endswith(expected)


def test_a_file_may_be_deleted() -> None:
    assert edits(json.dumps({"files": {"optim.py": None}})) == {"optim.py": None}


@pytest.mark.parametrize(
    ("header", "predicted"),
    [
        (
            "Expected gain: 0.02 [0.00, 0.05]",
            Prediction(metric="loss", effect=0.02, low=0, high=0.05),
        ),
        (
            "**Expected gain:** +0.02 nats (0.05 to 0)",
            Prediction(metric="loss", effect=0.02, low=0, high=0.05),
        ),
        ("expected gain (nats): \u22120.5", Prediction(metric="loss", effect=-0.5)),
        ("Predicted gain: 1e-3", Prediction(metric="loss", effect=1e-3)),
        ("Expected gain: 0.02 [0.03, 0.05]", Prediction(metric="loss", effect=0.02)),
        ("Expected gain: 2 % [1, 3]", None),
        ("Expected gain: some", None),
        ("Expected gain: 1e999", None),
        ("Gain: 3", None),
    ],
)
def test_a_header_states_hypothesis_and_prediction(
    header: str, predicted: Prediction | None
) -> None:
    answer = ask(
        f"**Hypothesis:** a higher rate\ngets further.\n{header}\n```python\nLR = 3e-3\n```"
    )
    assert isinstance(answer, Answer)
    assert answer.hypothesis.startswith("a higher rate gets further.")
    assert answer.predicted == predicted


@pytest.mark.parametrize(
    ("stated", "predicted"),
    [
        (0.5, Prediction(metric="loss", effect=0.5)),
        ("0.5 [0, 1]", Prediction(metric="loss", effect=0.5, low=0.0, high=1.0)),
        ([0.5, 0, 1], Prediction(metric="loss", effect=0.5, low=0.0, high=1.0)),
        ({"effect": 1, "low": 0, "high": 2}, Prediction(metric="loss", effect=1, low=0, high=2)),
        ({"metric": "other", "effect": 1}, None),
        (True, None),
        (10**400, None),
        (None, None),
    ],
)
def test_json_states_a_prediction(stated: object, predicted: Prediction | None) -> None:
    answer = ask(json.dumps({"hypothesis": "h", "predicted": stated, "files": {"optim.py": ""}}))
    assert isinstance(answer, Answer)
    assert (answer.hypothesis, answer.predicted) == ("h", predicted)


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        (" \n", "the answer is empty", FailureKind.MALFORMED),
        ("<think>Hm", "the answer has no code block; put the path", FailureKind.MALFORMED),
        ("I would raise LR.", "the answer has no code block; put the path", FailureKind.MALFORMED),
        ("x" * (MAX_CHARS + 1), "the answer has 1,048,577 characters", FailureKind.MALFORMED),
        ("```python exam.py\nSCORE = 9\n```", ("exam.py may not be edited; these files may: "
         "model.py, optim.py"), FailureKind.PROTECTED),
        ("```python new.py\nx = 1\n```", "new.py may not be edited", FailureKind.PROTECTED),
        ("```python ../optim.py\nx = 1\n```", "names no file", FailureKind.MALFORMED),
        (f"```python optim.py\n{OPTIM}```", "the answer changes nothing: optim.py would stay",
         FailureKind.MALFORMED),
        (f"```python optim.py\n# Better\n{OPTIM}```", ("only comments, docstrings or layout of "
         "optim.py would change"), FailureKind.MALFORMED),
        ("```python\nprint(1)\n```", "the block in line 2 of the answer names no file",
         FailureKind.MALFORMED),
        ("```python\ndef activate(x:\n    return x\n```",
         "activate: the block is not Python: line 1: ", FailureKind.SYNTAX),
        ("```python model.py::activate\ndef activate(x):\n    return (x\n```",
         "line 2: '(' was never closed: `return (x`", FailureKind.SYNTAX),
        ("```python model.py::Norm.forward\ndef forward(x):\n    return x\n```",
         "model.py has no top-level Norm.forward to replace; it has WIDTH, activate, Norm",
         FailureKind.MALFORMED),
        ("```python model.py::Norm\ndef activate(x):\n    return x\n```",
         "the block for model.py does not define Norm", FailureKind.MALFORMED),
        ("```python model.py\nWIDTH = 96\n# ... rest of the file unchanged\n```",
         "the block for model.py leaves code out (# ... rest of the file unchanged)",
         FailureKind.MALFORMED),
        ("optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n", "line 2 of the answer has no line `=======`",
         FailureKind.MALFORMED),
        ("optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = 1\n",
         "has no line `>>>>>>> REPLACE`", FailureKind.MALFORMED),
        ("optim.py\n<<<<<<< SEARCH\nLR = 2e-3\n=======\nLR = 1\n>>>>>>> REPLACE",
         "does not fit optim.py: its SEARCH lines do not occur; the nearest are\n1: LR = 1e-3",
         FailureKind.STALE),
        ("model.py\n<<<<<<< SEARCH\n\n=======\nLR = 1\n>>>>>>> REPLACE",
         "its SEARCH part is empty", FailureKind.STALE),
        ("<<<<<<< SEARCH\nz = 1\n=======\nz = 2\n>>>>>>> REPLACE", ("names no file; put its path "
         "on the line before"), FailureKind.MALFORMED),
        ("```diff\n--- a/optim.py\n+++ b/optim.py\n@@ -1 +1 @@\n-LR = 5\n+LR = 3\n```",
         "the diff does not apply: optim.py: hunk 1 does not match", FailureKind.STALE),
        ('{"files": []}', "give either 'files'", FailureKind.MALFORMED),
        ('{"files": {"optim.py": 1}}', "the text of optim.py must be a string or null",
         FailureKind.MALFORMED),
        ("```python optim.py\nx\n```\n" * 65, "the answer has 65 blocks; at most 64 are read",
         FailureKind.MALFORMED),
    ],
)  # fmt: skip
def test_a_problem_says_what_is_wrong(text: str, words: str, kind: FailureKind) -> None:
    found = problem(text)
    assert words in found.text
    assert found.kind is kind


def test_a_pair_that_fits_twice_says_where() -> None:
    files = {"optim.py": "a = 1\nb = 2\na = 1\n"}
    pair = "optim.py\n<<<<<<< SEARCH\na = 1\n=======\na = 2\n>>>>>>> REPLACE"
    assert "occur in lines 1 and 3; quote more lines" in problem(pair, files).text


def test_a_block_that_fits_two_files_must_name_one() -> None:
    files = {"model.py": OPTIM, "optim.py": OPTIM}
    assert "fits model.py, optim.py; name the file" in problem("```\nLR = 2\n```", files).text


def test_a_problem_keeps_the_hypothesis() -> None:
    assert problem("Hypothesis: it helps\n```python exam.py\nx\n```").hypothesis == "it helps"


def test_without_a_surface_nothing_may_be_edited() -> None:
    answer = read(f"```python optim.py\n{FASTER}```", FILES, {}, patch_from_diff, "loss")
    assert isinstance(answer, Problem)
    assert answer.text == "optim.py may not be edited; no file may"


def test_definitions_of_long_files_are_replaced_a_few_times_only() -> None:
    long = OPTIM + "x = 1\n" * 15_000
    pieces = [f"```python optim.py::LR\nLR = {n}\n```\n" for n in range(6)]
    words = "too many definitions of optim.py change; give the whole file instead"
    assert problem("".join(pieces), FILES | {"optim.py": long}).text == words
    made = edits("".join(pieces[:2]), FILES | {"optim.py": long})
    assert made == {"optim.py": long.replace("LR = 1e-3", "LR = 1")}


def test_a_block_that_is_too_long_to_merge_is_refused() -> None:
    block = "```python optim.py::LR\nLR = 2\n" + "x = 1\n" * 22_000 + "```"
    assert problem(block).text == "the block for optim.py is too long; give the whole file instead"
