"""Every proposer keeps the contract of the seam."""

import json
from collections.abc import Mapping, Sequence

from filial.core import Failure, FailureKind, Patch, Prediction, Proposal, Request
from filial.core.proposal import Edit
from filial.proposers import Control, Model, Operators, Placebo, Proposer, Replay
from filial.proposers.prompting import rich, small
from filial.testing.models import FakeModel
from filial.testing.proposer import ScriptedProposer
from filial.testing.proposer_contract import OPTIM, ProposerContract
from filial.workspace import patch_from_diff, syntax


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


def answers(request: Request) -> Sequence[str]:
    """Answers of every kind, good and bad, by the request's seed."""
    rate = f"{1 + request.seed % 97}e-4"
    pair = f"optim.py\n<<<<<<< SEARCH\nLR = 1e-3\n=======\nLR = {rate}\n>>>>>>> REPLACE"
    whole = f"```python optim.py\n{OPTIM.replace('1e-3', rate)}```"
    return [
        f"Hypothesis: a rate of {rate}\nExpected gain: 0.1 [0, 0.2]\n{pair}",
        whole,
        f"{whole}\n```python exam.py\nSCORE = 9\n```",
        "```python optim.py::rate\ndef rate(step, n_steps):\n    return (\n```",
        f"```python optim.py\n{OPTIM}```",
        "I cannot help with that.",
        "",
    ][request.seed % 7 :][: request.n_answers]


def continuations(request: Request) -> Sequence[str]:
    """What a small model goes on with, by the request's seed."""
    kind = "return" if request.seed % 3 else "return ("
    return [f"{request.prefix} {request.seed}\n    {kind} {request.seed}\n\n\nprint(1)"]


class TestModel(ProposerContract):
    def make(self) -> Proposer:
        return Model(
            name="api",
            generate=FakeModel(answers).generate,
            render=rich,
            apply_diff=patch_from_diff,
            check=syntax,
            n_answers=2,
        )


class TestSmallModel(ProposerContract):
    def make(self) -> Proposer:
        return Model(
            name="local",
            generate=FakeModel(continuations).generate,
            render=small,
            apply_diff=patch_from_diff,
            check=syntax,
        )


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
