"""What every approver must do, as a pytest class.

Subclass it in a test module and say how to make the approver::

    class TestMine(ApproverContract):
        def make(self) -> Approver:
            return Mine()
"""
# ruff: noqa: D102, S101 - a test suite that happens to be shipped

from collections.abc import Iterable
from dataclasses import replace

import pytest

from filial.core import Approval, Decision, Judged, Verdict
from filial.oversight import Approver

VERDICT = Verdict(
    candidate="c0ffee" * 6 + "abcd",
    incumbent="f0" * 20,
    decision=Decision.PROMOTE,
    judged=Judged.RECIPE,
    reason="gain 0.1 share, E = 80 after 4 pairs",
    policy="5" * 64,
    alpha=0.02,
)
"""What approvers are asked about."""


class ApproverContract:
    """What every approver keeps."""

    def make(self) -> Approver:
        """Returns an approver, the most generous there is."""
        raise NotImplementedError

    def make_mute(self) -> Iterable[Approver]:
        """Returns approvers that get no answer, each for another reason; none by default."""
        return ()

    def test_it_answers_who_and_why(self) -> None:
        answer = self.make().decide(VERDICT)
        assert isinstance(answer, Approval)
        assert answer.granted in (True, False)
        assert answer.by
        assert answer.reason

    @pytest.mark.parametrize("decision", [d for d in Decision if d is not Decision.PROMOTE])
    def test_nothing_but_a_promote_verdict_is_approved(self, decision: Decision) -> None:
        answer = self.make().decide(replace(VERDICT, decision=decision))
        assert not answer.granted
        assert answer.reason

    def test_no_answer_is_no(self) -> None:
        for approver in self.make_mute():
            answer = approver.decide(VERDICT)
            assert answer.granted is False
            assert answer.reason
