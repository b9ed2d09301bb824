"""The contract of the proposer seam as a test suite.

Subclass it in a test module and say how to make the proposer::

    class TestMine(ProposerContract):
        def make(self) -> Proposer:
            return Mine()
"""
# ruff: noqa: D102, S101 - a test suite that happens to be shipped

from collections.abc import Iterator, Mapping
from copy import deepcopy

from filial.core import Brief, Metric, Proposal
from filial.proposers import Proposer
from filial.proposers.sites import is_python

MODEL = '''"""A model."""
import json
import math

WIDTH = 64
P_DROP = 0.1


def activate(x, slope=0.01):
    y = math.tanh(x * slope)
    if y > 0 and x < 100:
        y = y + 1
    return y


def shape(xs):
    total = 0.0
    for x in xs:
        total += activate(x, slope=0.5)
    return json.dumps(total)
'''

OPTIM = '''"""An optimizer."""

LR = 1e-3


def rate(step, n_steps):
    warm = max(step / 10, 1)
    return LR * warm
'''

PARTS = """import math


# alternative: a cosine ends lower than a constant [expect loss -0.05]
def rate(step, n_steps):
    return LR * 0.5 * (1 + math.cos(math.pi * step / n_steps))


# alternative: a higher rate gets further
LR = 3e-3
"""

DONOR = OPTIM.replace("step / 10", "step / 20")

ODD: Mapping[str, str] = {
    "bare.py": "x = 1",
    "broken.py": "def (:\n",
    "chain.py": "x = " + "1 + " * 3000 + "1\n",
    "crlf.py": "def f(a):\r\n    b = a\r\n    return b\r\n",
    "deep.py": "x = " + "-" * 3000 + "1\n",
    "empty.py": "",
    "exponent.py": "x = 1e999\n",
    "huge.py": "x = " + "9" * 5000 + "\n",
    "long.py": "x = [" + "7, " * 3000 + "]\n",
    "mark.py": "\ufeffx = 2\n",
    "nul.py": "x = 3\0\n",
    "old_mac.py": "x = 1\ry = 2\r",
    "surrogate.py": "x = '\ud800'\n",
    "words.txt": "not Python",
}

METRIC = Metric("loss", direction="min", smallest_effect=0.01)


def brief(index: int, files: Mapping[str, str], surfaces: tuple[str, ...]) -> Brief:
    """Returns a brief about ``files`` of which ``surfaces`` may be edited."""
    return Brief(
        index=index,
        seed=0x9E3779B97F4A7C15 * (index + 1) % 2**64,
        goal="Lower the loss",
        metric=METRIC,
        surfaces={"training": surfaces},
        files=files,
        parts={"optim.py": PARTS},
        donors=({"model.py": MODEL, "optim.py": DONOR},),
    )


class ProposerContract:
    """What every proposer keeps."""

    n_briefs = 60

    def make(self) -> Proposer:
        """Returns a fresh proposer; two calls return equal ones."""
        raise NotImplementedError

    def briefs(self) -> Iterator[Brief]:
        """Yields ordinary briefs: ``model.py`` and ``optim.py`` may be edited, ``exam.py`` not."""
        files = {"model.py": MODEL, "optim.py": OPTIM, "exam.py": "SCORE = 1.5\n"}
        for index in range(self.n_briefs):
            yield brief(index, files, ("model.py", "optim.py"))

    def proposals(self) -> Iterator[tuple[Brief, Proposal]]:
        """Yields what one proposer says about them."""
        proposer = self.make()
        for asked in self.briefs():
            proposal = proposer.propose(asked)
            if proposal is not None:
                yield asked, proposal

    def test_it_has_a_name_and_something_to_say(self) -> None:
        assert self.make().name.isidentifier()
        assert list(self.proposals())

    def test_the_same_brief_gives_the_same_proposal(self) -> None:
        first = [proposal for _, proposal in self.proposals()]
        assert first == [proposal for _, proposal in self.proposals()]

    def test_briefs_in_another_order_give_the_same_proposals(self) -> None:
        proposer = self.make()
        backwards = [proposer.propose(b) for b in reversed(list(self.briefs()))]
        proposer = self.make()
        assert [proposer.propose(b) for b in self.briefs()] == backwards[::-1]

    def test_the_brief_is_left_alone(self) -> None:
        proposer = self.make()
        for asked in self.briefs():
            before = deepcopy(asked)
            proposer.propose(asked)
            assert asked == before

    def test_only_surfaces_are_edited_and_each_path_once(self) -> None:
        for asked, proposal in self.proposals():
            paths = [edit.path for edit in proposal.patch.edits]
            allowed = {path for surface in asked.surfaces.values() for path in surface}
            assert set(paths) <= allowed
            assert len(set(paths)) == len(paths)

    def test_a_proposal_changes_something_or_has_failed(self) -> None:
        for asked, proposal in self.proposals():
            if proposal.failure is not None:
                assert not proposal.patch.edits
                continue
            assert proposal.hypothesis.strip()
            assert proposal.patch.edits
            for edit in proposal.patch.edits:
                assert edit.text != asked.files[edit.path]

    def test_new_python_files_compile(self) -> None:
        for _, proposal in self.proposals():
            for edit in proposal.patch.edits:
                assert edit.text is None or is_python(edit.text)

    def test_odd_files_raise_nothing(self) -> None:
        proposer = self.make()
        for index, (path, text) in enumerate(ODD.items()):
            for seed in range(8):
                asked = brief(8 * index + seed, {path: text}, (path,))
                proposal = proposer.propose(asked)
                for edit in proposal.patch.edits if proposal is not None else ():
                    assert edit.text != text
                    assert edit.text is None or is_python(edit.text)

    def test_no_surface_means_no_edit(self) -> None:
        proposal = self.make().propose(brief(0, {"model.py": MODEL}, ()))
        assert proposal is None or not proposal.patch.edits
