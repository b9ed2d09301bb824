"""How much a study may decide without a person."""

from collections.abc import Callable
from dataclasses import dataclass

from filial.core import Approval, Decision, Verdict
from filial.errors import Stopped


@dataclass(frozen=True, slots=True)
class Suggest:
    """Never lets a promotion take effect: verdicts are suggestions."""

    def decide(self, verdict: Verdict) -> Approval:
        """Returns a refusal that names the candidate to look at."""
        reason = f"autonomy is 'suggest'; look at it: filial show {verdict.candidate[:12]}"
        return Approval(granted=False, by="autonomy", reason=reason)


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks a person.

    Attributes:
        question: Puts one question and returns the answer typed; raises EOFError if nobody can
            be asked, Stopped if the run is stopped meanwhile.
        person: Who is asked, for the record.
    """

    question: Callable[[str], str]
    person: str

    def decide(self, verdict: Verdict) -> Approval:
        """Returns yes only for an explicit yes; no answer is no."""
        if verdict.decision is not Decision.PROMOTE:
            return Approval(granted=False, by=self.person, reason="the verdict is not PROMOTE")
        try:
            answer = self.question(f"{verdict.reason}\nPromote {verdict.candidate[:12]}? [y/N] ")
        except Stopped:  # the question is not answered; the next run asks again
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong while asking is a no
            return Approval(
                granted=False, by=self.person, reason=f"nobody could be asked: {error}"
            )
        if answer.strip().lower() in ("y", "yes"):
            return Approval(granted=True, by=self.person, reason="approved when asked")
        return Approval(granted=False, by=self.person, reason="declined when asked")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Grants promotions up to a number of generations agreed on beforehand.

    Attributes:
        promoted: Returns how many generations have been promoted so far.
        generations: How many may be; None for as many as the budget allows.
    """

    promoted: Callable[[], int]
    generations: int | None

    def decide(self, verdict: Verdict) -> Approval:
        """Returns yes inside the envelope."""
        if verdict.decision is not Decision.PROMOTE:
            return Approval(granted=False, by="envelope", reason="the verdict is not PROMOTE")
        if self.generations is not None and self.promoted() >= self.generations:
            reason = f"the envelope of {self.generations} generations is used up"
            return Approval(granted=False, by="envelope", reason=reason)
        return Approval(granted=True, by="envelope", reason="inside the approved envelope")
