"""The approver seam."""

from typing import Protocol

from filial.core import Approval, Verdict


class Approver(Protocol):
    """Says whether a promotion may take effect.

    Contract: answers only about PROMOTE verdicts; whatever goes wrong while asking is an approval
    that is not granted, with the reason in it. No answer is no.
    """

    def decide(self, verdict: Verdict) -> Approval:
        """Returns the answer about ``verdict``."""
        ...
