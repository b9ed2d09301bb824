"""Every proposer keeps the contract of the seam."""

import json
from collections.abc import Mapping

from filial.core import Failure, FailureKind, Patch, Prediction, Proposal
from filial.core.proposal import Edit
from filial.proposers import Control, Operators, Placebo, Proposer, Replay
from filial.testing.proposer import ScriptedProposer
from filial.testing.proposer_contract import OPTIM, ProposerContract


def no_diffs(diff: str, files: Mapping[str, str]) -> Patch | Failure:
    return Failure(kind=FailureKind.STALE, detail="no")


class TestOperators(ProposerContract):
    def make(self) -> Proposer:
        return Operators()


class TestPlacebo(ProposerContract):
    def make(self) -> Proposer:
        return Placebo()


class TestControl(ProposerContract):
    def make(self) -> Proposer:
        return Control(Operators())


class TestReplay(ProposerContract):
    def make(self) -> Proposer:
        good = [
            json.dumps({"hypothesis": f"rate {n}", "files": {"optim.py": f"LR = {n}\n"}})
            for n in range(3)
        ]
        stale = json.dumps({"hypothesis": "a diff", "diff": "--- a\n"})
        return Replay([*good, "not JSON", stale], no_diffs)

    def test_odd_files_raise_nothing(self) -> None:
        """Its edits do not depend on the parent, so oddness cannot reach it."""

    def test_no_surface_means_no_edit(self) -> None:
        """It says what the file says; the workspace refuses what is on no surface."""


class TestScripted(ProposerContract):
    def make(self) -> Proposer:
        edit = Edit(path="optim.py", text=OPTIM.replace("1e-3", "2e-3"))
        stated = Prediction(metric="loss", effect=0.1)
        proposal = Proposal(hypothesis="faster", predicted=stated, patch=Patch(edits=(edit,)))
        return ScriptedProposer([proposal, None])

    def test_odd_files_raise_nothing(self) -> None:
        """Its edits do not depend on the parent, so oddness cannot reach it."""

    def test_no_surface_means_no_edit(self) -> None:
        """It says what it was told to say."""
