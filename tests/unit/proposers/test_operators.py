"""How the operators are drawn and put together."""

import subprocess  # noqa: TID251 - the same brief in another process
import sys
from dataclasses import replace

import pytest

from filial.core import Brief, Proposal
from filial.errors import StudyError
from filial.proposers import Control, Operators
from filial.testing.proposer import ScriptedProposer
from filial.testing.proposer_contract import DONOR, MODEL, OPTIM, PARTS, brief

FILES = {"model.py": MODEL, "optim.py": OPTIM}
SAME_ELSEWHERE = """
import hashlib
from filial.proposers import Operators, Placebo
from filial.testing.proposer_contract import MODEL, OPTIM, brief
files = {"model.py": MODEL, "optim.py": OPTIM}
briefs = [brief(i, files, ("model.py", "optim.py")) for i in range(40)]
said = [p.propose(b) for p in (Operators(), Placebo()) for b in briefs]
print(hashlib.sha256(repr(said).encode()).hexdigest())
"""


def ask(index: int, surfaces: tuple[str, ...] = ("model.py", "optim.py")) -> Brief:
    return brief(index, FILES, surfaces)


def proposals(n: int, surfaces: tuple[str, ...] = ("model.py", "optim.py")) -> list[Proposal]:
    said = [Operators().propose(ask(i, surfaces)) for i in range(n)]
    return [p for p in said if p is not None]


def test_every_operator_is_drawn_about_as_often_as_its_weight_says() -> None:
    single = [p.hypothesis for p in proposals(600) if len(p.patch.edits) == 1]
    declared = sum("replaced: " in h for h in single) / len(single)
    numbers = sum(" from " in h for h in single) / len(single)
    grafted = sum("another candidate" in h for h in single) / len(single)
    assert 0.35 < declared < 0.55
    assert 0.15 < numbers < 0.35
    assert 0.08 < grafted < 0.25


def test_one_in_four_joins_changes_of_two_files() -> None:
    said = proposals(400)
    double = [p for p in said if len(p.patch.edits) == 2]
    assert 0.17 < len(double) / len(said) < 0.33
    assert all("; and " in p.hypothesis for p in double)


def test_one_file_cannot_be_changed_twice() -> None:
    assert all(len(p.patch.edits) == 1 for p in proposals(100, ("optim.py",)))


def test_a_declared_effect_is_predicted() -> None:
    for proposal in proposals(200):
        is_declared = "a cosine ends lower" in proposal.hypothesis
        assert (proposal.predicted is not None) is is_declared
        if proposal.predicted is not None:
            assert proposal.predicted.effect == pytest.approx(0.05)


def test_nothing_to_edit_is_none() -> None:
    assert Operators().propose(brief(0, {"a.py": "import os\n"}, ("a.py",))) is None
    assert Operators().propose(brief(0, {"a.txt": "x = 1"}, ("a.txt",))) is None


def test_a_bad_parts_bin_is_the_studys_fault() -> None:
    wrong = replace(ask(0), parts={"optim.py": "# alternative: x\n\n"})
    with pytest.raises(StudyError, match=r"parts/optim\.py"):
        [Operators().propose(replace(wrong, seed=seed)) for seed in range(20)]


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_says_the_same(hash_seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAME_ELSEWHERE],
        env={"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    here: dict[str, object] = {}
    code = SAME_ELSEWHERE.replace("print(", "said_here = (")
    exec(code, here)  # noqa: S102 - the same lines as in the other process
    assert done.stdout.strip() == here["said_here"]


def test_the_control_arm_sees_parts_but_no_donors() -> None:
    seen: list[Brief] = []

    class Witness(ScriptedProposer):
        def propose(self, brief: Brief) -> Proposal | None:
            seen.append(brief)
            return None

    Control(Witness([])).propose(ask(3))
    assert seen == [replace(ask(3), donors=())]
    assert seen[0].parts == {"optim.py": PARTS}
    assert DONOR in ask(3).donors[0].values()


@pytest.mark.parametrize("odd", ["\ufeff" + OPTIM, OPTIM.replace("\n", "\r")], ids=["BOM", "CR"])
def test_a_byte_order_mark_or_bare_carriage_returns_silence_nobody(odd: str) -> None:
    """Python reads such files; an edit leaves them as ordinary text."""
    said = [Operators().propose(brief(i, {"optim.py": odd}, ("optim.py",))) for i in range(20)]
    plain = [Operators().propose(brief(i, {"optim.py": OPTIM}, ("optim.py",))) for i in range(20)]
    assert any(plain)
    assert said == plain
