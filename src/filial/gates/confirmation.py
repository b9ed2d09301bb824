"""The default gate: paired evidence against an error budget over the whole study."""

import math
import statistics

from filial import stats
from filial.core import Comparison, Decision, GuardCheck, Metric, Noise, Trial, Verdict
from filial.gates import evidence
from filial.gates.answers import amount, blamed, conclude, failed, worse
from filial.gates.base import Case
from filial.gates.rule import Rule, policy_of

VERSION = 2
SMALLEST_EFFECT_SIGMAS = 0.25
"""The smallest effect worth having where the study declares none, in sigma."""


class ConfirmationGate:
    """Judges recipes and artifacts.

    A challenger is promoted when its e-process reaches 1/alpha on at least ``min_pairs`` fresh
    pairs, its shrunken gain is worth having and every guard holds. It is rejected when it fails,
    breaks a guard, never differs, or has no prospect of enough evidence within ``max_pairs``; and
    is undecided after that many. Alphas come from e-LORD.

    Source: Ramdas et al. 2023, arXiv 2210.01948 (e-processes); Zhang et al. 2025, arXiv
    2506.01452 (e-LORD).

    What this does not cover: seeds, items or a machine state that favour one side of a pair; and
    noise far from normal that the calibration did not show.
    """

    def __init__(self, rule: Rule | None = None) -> None:
        self.rule = rule or Rule()
        self.policy = policy_of(
            self.rule, version=VERSION, smallest_effect_sigmas=SMALLEST_EFFECT_SIGMAS
        )

    def noise(self, primary: Metric, trials: tuple[Trial, ...]) -> Noise:
        """Returns the spread of a paired difference: sqrt(2) times that of the A/A values.

        Trials without a usable result are left out. With fewer than two values sigma is 0, which
        means unknown.
        """
        values = [trial[primary.name].value for trial in trials if trial.is_usable]
        sd = statistics.stdev(values) if len(values) > 1 else 0.0
        return Noise(sigma=math.sqrt(2) * sd, n_values=len(values))

    def screen(self, case: Case, incumbent: Trial, challenger: Trial) -> Verdict | None:
        """Returns a REJECT or VOID verdict from one dev pair, or None to let it through.

        A guard with a tolerance of 0 is left to the confirmation: one pair cannot tell harm from
        noise. So is a pair that the incumbent or the host failed.
        """
        if (failure := blamed(challenger)) is not None:
            return failed(case, failure, self.policy)
        if not (challenger.is_usable and incumbent.is_usable):
            return None
        for guard in case.guards:
            harm = -guard.gain(incumbent[guard.name].value, challenger[guard.name].value)
            if harm > guard.tolerance > 0:
                reason = f"{guard.name} is worse by {amount(harm, guard)} on the dev pair"
                return conclude(case, (Decision.REJECT, reason), self.policy)
        gain = case.gain(incumbent, challenger)
        is_known = evidence.is_known(case.noise)
        needed = self.rule.screen_sigmas * case.noise.sigma
        if (gain >= needed) if is_known else (gain > 0):
            return None
        wanted = f"below {amount(needed, case.primary)}" if is_known else "not above 0"
        reason = f"gain {amount(gain, case.primary)} on the dev pair, {wanted}"
        return conclude(case, (Decision.REJECT, reason), self.policy)

    def judge(self, case: Case) -> Verdict | None:
        """Returns the verdict on ``case.pairs``, or None to ask for one more pair."""
        for pair in case.pairs:
            if (failure := blamed(pair.challenger)) is not None:
                return failed(case, failure, self.policy, alpha=case.alpha)
        pairs = evidence.usable(case.pairs)
        comparison = evidence.compare(
            case.primary, evidence.gains(case.primary, pairs), case.noise, self.rule
        )
        checks = [
            evidence.check_guard(guard, pairs, case.baseline.get(guard.name, ()))
            for guard in (case.guards if len(pairs) > 1 else ())
        ]
        guards = tuple(check for check, _ in checks)
        broken = next((check for check, is_broken in checks if is_broken), None)
        answer = self._weigh(case, comparison, guards, broken)
        if answer is None and len(case.pairs) >= self.rule.max_pairs:
            answer = Decision.UNDECIDED, f"not enough evidence after {len(case.pairs)} pairs"
        if answer is None:
            return None
        return conclude(
            case, answer, self.policy, alpha=case.alpha, comparison=comparison, guards=guards
        )

    def alpha(self, confirmations: tuple[Verdict, ...]) -> float:
        """Returns the e-LORD alpha of the next confirmation."""
        spent = [(v.alpha, v.decision is Decision.PROMOTE) for v in confirmations]
        return stats.e_lord_alpha(spent, fdr=self.rule.fdr)

    def _weigh(
        self,
        case: Case,
        comparison: Comparison | None,
        guards: tuple[GuardCheck, ...],
        broken: GuardCheck | None,
    ) -> tuple[Decision, str] | None:
        """Returns a decision with its reason, or None while the evidence is open."""
        if broken is not None:
            return Decision.REJECT, worse(broken)
        if comparison is None:
            return None
        n = len(comparison.differences)
        if n >= self.rule.min_pairs and not any(comparison.differences):
            return Decision.REJECT, f"no difference at all in {n} pairs"
        threshold = 1 / case.alpha if case.alpha > 0 else math.inf
        is_proven = comparison.e_value >= threshold
        if is_proven and self._is_worthwhile(case, comparison) and all(g.holds for g in guards):
            gain = amount(comparison.estimate, case.primary)
            return Decision.PROMOTE, f"gain {gain}, E = {comparison.e_value:.3g} after {n} pairs"
        if not is_proven and self._is_futile(case, comparison.differences, math.log(threshold)):
            return Decision.REJECT, f"no prospect of enough evidence after {n} pairs"
        return None

    def _is_worthwhile(self, case: Case, comparison: Comparison) -> bool:
        if len(comparison.differences) < self.rule.min_pairs:
            return False
        sigma, _ = self._spread(case, comparison.differences)
        smallest = case.primary.smallest_effect or SMALLEST_EFFECT_SIGMAS * sigma
        return comparison.estimate >= smallest

    def _is_futile(self, case: Case, differences: tuple[float, ...], log_threshold: float) -> bool:
        sigma, _ = self._spread(case, differences)
        n_left = self.rule.max_pairs - len(case.pairs)
        return n_left > 0 and stats.is_futile(
            differences,
            n_max=len(differences) + n_left,
            sigma=sigma,
            log_e=lambda d: float(evidence.log_evidence(d, case.noise, self.rule)),
            log_threshold=log_threshold,
        )

    def _spread(self, case: Case, differences: tuple[float, ...]) -> tuple[float, int]:
        return evidence.spread(differences, evidence.believed(differences, case.noise, self.rule))
