"""The gate for objects whose worth is recomputed exactly."""

from filial.core import (
    Comparison,
    Decision,
    GuardCheck,
    Judged,
    Metric,
    Noise,
    Pair,
    Trial,
    Verdict,
)
from filial.gates import evidence
from filial.gates.answers import amount, blamed, conclude, failed, worse
from filial.gates.base import Case
from filial.gates.confirmation import ConfirmationGate
from filial.gates.rule import Rule, digest

VERSION = 2


class ConstructionGate:
    """Judges constructions by exact verification, more than once; no chance is involved.

    A challenger is promoted when every verification gives the very same values, each gains at
    least the smallest effect (more than 0 where none is declared) and no guard is worse than its
    tolerance, against the incumbent or since F0. Nothing is estimated, so no error budget is
    spent: alpha is 0.

    Args:
        n_verifications: How often the worth is recomputed, at least 2.

    What this does not cover: an exam that does not recompute the worth exactly.
    """

    n_replications = 0

    def __init__(self, n_verifications: int = 2) -> None:
        if n_verifications < 2:
            raise ValueError(f"n_verifications is {n_verifications!r}; use at least 2")
        self.n_verifications = n_verifications
        self.policy = digest("construction", VERSION, n_verifications=n_verifications)

    def noise(self, primary: Metric, trials: tuple[Trial, ...]) -> Noise:  # noqa: ARG002 - the seam
        """Returns no noise: an exact value has none."""
        return Noise(sigma=0.0, n_values=0)

    def screen(self, case: Case, incumbent: Trial, challenger: Trial) -> Verdict | None:
        """Returns a REJECT or VOID verdict from one dev pair, or None to let it through."""
        pair = Pair(incumbent=incumbent, challenger=challenger)
        if (failure := blamed(challenger)) is not None:
            return failed(case, failure, self.policy)
        return self._shortfall(case, evidence.usable((pair,)))

    def judge(self, case: Case) -> Verdict | None:
        """Returns the verdict on ``case.pairs``, or None to ask for one more pair."""
        for pair in case.pairs:
            if (failure := blamed(pair.challenger)) is not None:
                return failed(case, failure, self.policy)
        pairs = evidence.usable(case.pairs)
        shortfall = self._shortfall(case, pairs)
        if shortfall is not None or len(case.pairs) < self.n_verifications:
            return shortfall
        comparison, guards = _compare(case, pairs), _check_guards(case, pairs)
        if len(pairs) < self.n_verifications:
            answer = Decision.UNDECIDED, "the incumbent or the host failed a verification"
        else:
            gain = amount(min(evidence.gains(case.primary, pairs)), case.primary)
            answer = Decision.PROMOTE, f"gain {gain}, verified {len(pairs)} times"
        return conclude(case, answer, self.policy, comparison=comparison, guards=guards)

    def more_pairs(self, case: Case) -> int:  # noqa: ARG002 - the seam
        """Returns 0: what is exact needs no more."""
        return 0

    def replicate(
        self,
        case: Case,  # noqa: ARG002 - the seam
        verdict: Verdict,
        trials: tuple[Trial, ...],  # noqa: ARG002
    ) -> Verdict:
        """Returns ``verdict``: each verification built from source."""
        return verdict

    def not_worse(self, primary: Metric, noise: Noise) -> float:  # noqa: ARG002 - the seam
        """Returns 0: an exact value is worse or it is not."""
        return 0.0

    def alpha(self, confirmations: tuple[Verdict, ...]) -> float:  # noqa: ARG002 - the seam
        """Returns 0: exact verification spends no error budget."""
        return 0.0

    def _shortfall(self, case: Case, pairs: tuple[Pair, ...]) -> Verdict | None:
        """Returns the REJECT verdict that ``pairs`` already call for, or None."""
        gains, guards = evidence.gains(case.primary, pairs), _check_guards(case, pairs)
        smallest = case.primary.smallest_effect
        short = [gain for gain in gains if gain < smallest or gain <= 0]
        broken = [check for check in guards if not check.holds]
        if short:
            wanted = amount(smallest, case.primary) if smallest else "more than 0"
            reason = f"gain {amount(short[0], case.primary)}, wanted {wanted}"
        elif broken:
            reason = worse(broken[0])
        elif not _is_reproduced(case, pairs):
            reason = "two exact verifications of it gave different values"
        else:
            return None
        comparison = _compare(case, pairs)
        return conclude(
            case, (Decision.REJECT, reason), self.policy, comparison=comparison, guards=guards
        )


def _is_reproduced(case: Case, pairs: tuple[Pair, ...]) -> bool:
    names = [metric.name for metric in (case.primary, *case.guards)]
    return len({tuple(p.challenger[name].value for name in names) for p in pairs}) <= 1


def _compare(case: Case, pairs: tuple[Pair, ...]) -> Comparison | None:
    gains = evidence.gains(case.primary, pairs)
    if not gains:
        return None
    return Comparison(
        metric=case.primary.name,
        differences=gains,
        estimate=min(gains),
        lower=min(gains),
        upper=max(gains),
    )


def _check_guards(case: Case, pairs: tuple[Pair, ...]) -> tuple[GuardCheck, ...]:
    if not pairs:
        return ()
    return tuple(
        GuardCheck(
            metric=guard.name,
            harm=-min(evidence.gains(guard, pairs)),
            tolerance=guard.tolerance,
            since_f0=_since_f0(guard, pairs, case.baseline.get(guard.name, ())),
        )
        for guard in case.guards
    )


def _since_f0(guard: Metric, pairs: tuple[Pair, ...], baseline: tuple[float, ...]) -> float | None:
    """Returns how much worse the worst value is than F0's worst; None if there is none of F0."""
    if not baseline:
        return None
    worst = min(guard.gain(0.0, pair.challenger[guard.name].value) for pair in pairs)
    return min(guard.gain(0.0, value) for value in baseline) - worst


def for_judged(judged: Judged, rule: Rule | None = None) -> ConfirmationGate | ConstructionGate:
    """Returns the gate that judges ``judged``; ``rule`` has no bearing on constructions."""
    return ConstructionGate() if judged is Judged.CONSTRUCTION else ConfirmationGate(rule)
