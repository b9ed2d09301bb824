"""Replacing a definition, with what it needs."""
# ruff: noqa: S311 - seeded chance, no secrets

from collections.abc import Mapping
from random import Random  # noqa: TID251 - the generator is an argument

from filial.core import Metric, Prediction
from filial.proposers.grafts import graft_from_donor, swap_alternative
from filial.proposers.scopes import Scope
from filial.proposers.sites import Change, scan

CODE = '''"""Optimizer."""
import json

LR = 1e-3  # per step


# A constant rate.
def rate(step):
    return LR
'''

BIN = """import json
import math
import os


# alternative: half a cosine ends lower [expect loss -0.05]
# needs: ramp
# Loshchilov & Hutter 2016
def rate(step):
    return LR * ramp(math.cos(step))


# Zero below zero.
def ramp(x):
    return max(x, 0)
"""

SWAPPED = '''"""Optimizer."""
import json
import math

LR = 1e-3  # per step


# Zero below zero.
def ramp(x):
    return max(x, 0)


# Loshchilov & Hutter 2016
def rate(step):
    return LR * ramp(math.cos(step))
'''


def scope(
    code: str,
    parts: Mapping[str, str] | None = None,
    donors: tuple[Mapping[str, str], ...] = (),
    metric: Metric | None = None,
) -> Scope:
    source = scan(code)
    assert source is not None
    return Scope(
        sources={"optim.py": source},
        parts=parts or {},
        donors=donors,
        metric=metric or Metric("loss", direction="min"),
    )


def test_an_alternative_comes_with_helpers_imports_and_citation() -> None:
    change = swap_alternative(Random(0), scope(CODE, {"optim.py": BIN}))
    assert change == Change(
        path="optim.py",
        text=SWAPPED,
        hypothesis="rate in optim.py replaced: half a cosine ends lower",
        predicted=Prediction(metric="loss", effect=0.05),
    )


def test_the_declared_change_is_a_gain_only_in_the_metrics_direction() -> None:
    up = swap_alternative(
        Random(0), scope(CODE, {"optim.py": BIN}, metric=Metric("loss", direction="max"))
    )
    other = swap_alternative(Random(0), scope(CODE, {"optim.py": BIN}, metric=Metric("speed")))
    assert up is not None
    assert other is not None
    assert up.predicted == Prediction(metric="loss", effect=-0.05)
    assert other.predicted is None


def test_an_alternative_in_use_is_not_offered_again() -> None:
    assert swap_alternative(Random(0), scope(SWAPPED, {"optim.py": BIN})) is None


def test_what_the_code_has_is_not_added_twice() -> None:
    back = SWAPPED.replace("return LR * ramp(math.cos(step))", "return LR")
    change = swap_alternative(Random(0), scope(back, {"optim.py": BIN}))
    assert change is not None
    assert change.text == SWAPPED


def test_an_assignment_keeps_the_comment_beside_it() -> None:
    bin_ = {"optim.py": "# alternative: faster\nLR = 3e-3\n"}
    change = swap_alternative(Random(0), scope(CODE, bin_))
    assert change is not None
    assert change.text == CODE.replace("1e-3", "3e-3")


def test_alternatives_for_other_files_or_names_do_not_apply() -> None:
    assert swap_alternative(Random(0), scope(CODE, {"model.py": BIN})) is None
    absent = {"optim.py": "# alternative: x\nABSENT = 1\n"}
    assert swap_alternative(Random(0), scope(CODE, absent)) is None


def test_an_import_goes_first_where_the_code_has_none() -> None:
    change = swap_alternative(
        Random(0), scope("def rate(step):\n    return 1\n", {"optim.py": BIN})
    )
    assert change is not None
    assert change.text.startswith("import math\n# Zero below zero.\ndef ramp(x):\n")


def test_a_donors_function_comes_with_what_it_uses() -> None:
    change = graft_from_donor(Random(0), scope(CODE, donors=({"optim.py": SWAPPED},)))
    assert change is not None
    assert change.text == SWAPPED
    assert change.hypothesis == "rate in optim.py replaced by that of another candidate"
    assert change.predicted is None


def test_helpers_of_helpers_come_along() -> None:
    donor = SWAPPED.replace("max(x, 0)", "floor(x)") + "\n\ndef floor(x):\n    return x\n"
    change = graft_from_donor(Random(0), scope(CODE, donors=({"optim.py": donor},)))
    assert change is not None
    assert "def floor(x):" in change.text
    assert "def ramp(x):" in change.text


def test_donors_that_are_the_same_or_broken_or_differ_in_numbers_only_give_nothing() -> None:
    number = CODE.replace("1e-3", "2e-3")
    donors = ({"optim.py": CODE}, {"optim.py": "def ("}, {"optim.py": number}, {"x.py": SWAPPED})
    assert graft_from_donor(Random(0), scope(CODE, donors=donors)) is None
