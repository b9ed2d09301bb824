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
        margin: The claim is a gain above minus this, in the primary metric's unit: 0 for an
            improvement, more for a program that is shorter and not worse.
        n_bought: Pairs it may take beyond the gate's usual most.
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
    margin: float = 0.0
    n_bought: int = 0
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
        - ``replicate`` never turns a verdict into PROMOTE.

    Attributes:
        policy: Digest of the rule.
        n_replications: Trials of a challenger, built from source, that ``replicate`` wants.
    """

    policy: str
    n_replications: int

    def noise(self, primary: Metric, trials: tuple[Trial, ...]) -> Noise:
        """Returns the spread of a paired difference from A/A trials of one tree."""
        ...

    def screen(self, case: Case, incumbent: Trial, challenger: Trial) -> Verdict | None:
        """Returns a REJECT or VOID verdict from one dev pair, or None to let it through."""
        ...

    def judge(self, case: Case) -> Verdict | None:
        """Returns the verdict on ``case.pairs``, or None to ask for one more pair."""
        ...

    def more_pairs(self, case: Case) -> int:
        """Returns how many more pairs a case that ended undecided deserves; 0 for none."""
        ...

    def replicate(self, case: Case, verdict: Verdict, trials: tuple[Trial, ...]) -> Verdict:
        """Returns ``verdict``, a PROMOTE, or its opposite where ``trials`` do not bear it out."""
        ...

    def not_worse(self, primary: Metric, noise: Noise) -> float:
        """Returns the margin, in ``primary.unit``, within which a shorter program is as good."""
        ...

    def alpha(self, confirmations: tuple[Verdict, ...]) -> float:
        """Returns the error budget of the next confirmation, given the earlier ones in order."""
        ...
