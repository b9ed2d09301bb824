"""The gate seam."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from filial.core import Decision, Judged, Metric, Noise, Pair, Trial, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One challenger before the gate.

    Attributes:
        challenger: Tree digest.
        incumbent: Tree digest.
        judged: What the verdict is about.
        primary: The metric on which a gain is claimed.
        guards: Metrics that must not get worse by more than their tolerance.
        noise: A/A spread of the paired difference on ``primary``.
        alpha: Error budget of this confirmation: promotion needs E >= 1/alpha.
        pairs: The evidence so far, fresh and in order.
        baseline: F0's values of each guard on items of the same split, by the guard's name: small
            harms must not add up over generations. Empty where the incumbent is F0 itself.
    """

    challenger: str
    incumbent: str
    judged: Judged
    primary: Metric
    guards: tuple[Metric, ...]
    noise: Noise
    alpha: float
    pairs: tuple[Pair, ...] = ()
    baseline: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def gain(self, incumbent: Trial, challenger: Trial) -> float:
        """Returns the challenger's gain on the primary metric, in its unit; positive is better.

        Raises:
            KeyError: One of the trials has no measurement of it.
        """
        name = self.primary.name
        return self.primary.gain(incumbent[name].value, challenger[name].value)


def baseline_of(
    guards: Iterable[Metric], trials: Iterable[Trial]
) -> Mapping[str, tuple[float, ...]]:
    """Returns the values of each guard in those of ``trials`` that are usable."""
    usable = [trial for trial in trials if trial.is_usable]
    return {guard.name: tuple(trial[guard.name].value for trial in usable) for guard in guards}


def park(case: Case, policy: str) -> Verdict:
    """Returns UNDECIDED for a challenger whose opponent is no longer the incumbent."""
    return Verdict(
        candidate=case.challenger,
        incumbent=case.incumbent,
        decision=Decision.UNDECIDED,
        judged=case.judged,
        reason="another challenger became the incumbent before this one was confirmed",
        policy=policy,
    )


class Gate(Protocol):
    """Decides what counts as a gain.

    Contract:
        - Pure: the same arguments give the same answer; no I/O, no clock, no chance.
        - ``policy`` is a digest of the rule's name and every number in it.
        - ``screen`` may only reject, and spends no error budget.
        - ``judge`` looks only at the pairs it is given, never at a stored best.
    """

    policy: str

    def noise(self, primary: Metric, trials: tuple[Trial, ...]) -> Noise:
        """Returns the spread of a paired difference from A/A trials of one tree."""
        ...

    def screen(self, case: Case, incumbent: Trial, challenger: Trial) -> Verdict | None:
        """Returns a REJECT or VOID verdict from one dev pair, or None to let it through."""
        ...

    def judge(self, case: Case) -> Verdict | None:
        """Returns the verdict on ``case.pairs``, or None to ask for one more pair."""
        ...

    def alpha(self, confirmations: tuple[Verdict, ...]) -> float:
        """Returns the error budget of the next confirmation, given the earlier ones in order."""
        ...
