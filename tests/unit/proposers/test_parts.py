"""How a parts bin declares alternatives."""

import pytest

from filial.errors import StudyError
from filial.proposers import Alternative, read_parts

BIN = '''"""Alternatives."""
import math


# alternative: warm-up helps. [expect loss -0.05]
# needs: ramp, clip
# Somebody 2020, arXiv 2001.00001
def rate(step):
    return ramp(step)


#alternative: half the rate is steadier
LR = 5e-4

# alternative: a class of its own
@decorated
class Norm:
    pass


def ramp(step):
    return clip(step)


def clip(x):
    return x
'''


def test_a_bin_worked_by_hand() -> None:
    assert read_parts("optim.py", BIN) == (
        Alternative(
            path="optim.py",
            name="rate",
            text="def rate(step):\n    return ramp(step)",
            hypothesis="warm-up helps",
            expected=("loss", -0.05),
            needs=("ramp", "clip"),
            comments=("# Somebody 2020, arXiv 2001.00001",),
        ),
        Alternative(
            path="optim.py",
            name="LR",
            text="LR = 5e-4",
            hypothesis="half the rate is steadier",
        ),
        Alternative(
            path="optim.py",
            name="Norm",
            text="@decorated\nclass Norm:\n    pass",
            hypothesis="a class of its own",
        ),
    )


def test_the_first_statement_may_be_an_alternative() -> None:
    (only,) = read_parts("a.py", "# alternative: a sentence\nX = 1\n")
    assert (only.name, only.hypothesis) == ("X", "a sentence")


def test_other_files_declare_nothing() -> None:
    assert read_parts("notes.md", "# alternative: not Python") == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def (", "parts/a.py is not valid Python"),
        ("# alternative: x\n\nX = 1\n", "1 lines say '# alternative:' but 0 stand directly above"),
        ("# alternative: x\nX = Y = 1\n", "but 0 stand directly above"),
        ("# alternative:\nX = 1\n", "line 2, X: '# alternative:' needs a sentence"),
        (
            "# alternative: x [expect loss low]\nX = 1\n",
            "expected change 'low' is not a number",
        ),
        (
            "# alternative: x [expect loss nan]\nX = 1\n",
            "expected change 'nan' is not a number",
        ),
        ("# alternative: x [expect loss]\nX = 1\n", r"write the prediction as \[expect METRIC"),
        ("# alternative: x\n# needs: y\nX = 1\n", "X: needs 'y', which this file does not define"),
    ],
)
def test_a_bad_declaration_names_the_place_and_the_problem(text: str, problem: str) -> None:
    with pytest.raises(StudyError, match=problem):
        read_parts("a.py", text)
