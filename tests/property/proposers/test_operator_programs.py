"""For any program we can write down, every edit is valid Python and a placebo changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from filial.core import Brief, Proposal
from filial.proposers import Operators, Placebo
from filial.proposers.sites import is_python, scan
from filial.testing.proposer_contract import METRIC, OPTIM, PARTS

NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.one_of(
    st.integers(0, 300).map(str),
    st.floats(0, 1e3, allow_nan=False).map(repr),
    st.sampled_from(["1e-3", "0x10", "1_000"]),
)
ATOMS = st.one_of(NAMES, NUMBERS)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operator = st.sampled_from(["+", "-", "*", "<", ">=", "==", "and", "or"])
    return st.one_of(
        st.builds("({} {} {})".format, inner, operator, inner),
        st.builds("max({}, {})".format, inner, inner),
        st.builds("(lambda a=1: {})()".format, inner),
        st.builds("[{} for b in range(2)][0]".format, inner),
        st.builds("len(f'é{{{}}}')".format, ATOMS),
    )


EXPRESSIONS = st.recursive(ATOMS, _compound, max_leaves=6)
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("{} += {}  # é".format, NAMES, EXPRESSIONS),
    st.just("pass"),
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = ["import json", "import math", "", f"K = {draw(NUMBERS)}", ""]
    for name in ("f", "g"):
        lines.append(f"def {name}(a, b={draw(NUMBERS)}):")
        lines += ["    c = b", *(f"    {s}" for s in draw(st.lists(SIMPLE, max_size=3)))]
        if draw(st.booleans()):
            lines += [f"    if {draw(EXPRESSIONS)}:", f"        {draw(SIMPLE)}"]
        lines += ["    return a, b, c", ""]
    lines.append("RESULT = f(2), g(3)")
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# end"]))


def ask(text: str, seed: int) -> Brief:
    return Brief(
        index=0,
        seed=seed,
        goal="",
        metric=METRIC,
        surfaces={"program": ("a.py", "optim.py")},
        files={"a.py": text, "optim.py": OPTIM},
        parts={"optim.py": PARTS},
        donors=({"a.py": text.replace("c = b", "c = a")},),
    )


def result(text: str) -> object:
    names: dict[str, object] = {}
    try:
        exec(text, names)  # noqa: S102 - a program of our own grammar
    except (ArithmeticError, TypeError, ValueError) as error:
        return type(error)
    return names["RESULT"]


@settings(max_examples=60, deadline=None)
@given(programs(), st.integers(0, 2**64 - 1))
def test_operator_edits_are_valid_python(text: str, seed: int) -> None:
    assert scan(text) is not None
    proposal = Operators().propose(ask(text, seed))
    assert isinstance(proposal, Proposal)
    for edit in proposal.patch.edits:
        assert edit.text is not None
        assert is_python(edit.text)
        assert edit.text != ask(text, seed).files[edit.path]


@settings(max_examples=60, deadline=None)
@given(programs(), st.integers(0, 2**64 - 1))
def test_placebo_edits_change_no_result(text: str, seed: int) -> None:
    proposal = Placebo().propose(ask(text, seed))
    assert proposal is not None
    (edit,) = proposal.patch.edits
    assert edit.text is not None
    if edit.path == "a.py":
        assert edit.text != text
        assert result(edit.text) == result(text)
