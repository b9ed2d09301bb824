"""The default gate: paired evidence against an error budget over the whole study."""

import math
import statistics
from collections.abc import Sequence

from filial import stats
from filial.core import (
    LARGEST,
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
from filial.gates.guards import check_guards
from filial.gates.replication import replicate
from filial.gates.rule import (
    GROSS,
    N_REPLICATIONS,
    OUTLIER,
    SMALLEST_EFFECT_SIGMAS,
    Rule,
    policy_of,
)

VERSION = 5
_ROUNDING = 1e-9  # one item won of all is a gain of exactly one standard error


class ConfirmationGate:
    """Judges recipes and artifacts.

    A challenger is promoted when its evidence reaches 1/alpha on at least ``min_pairs`` fresh
    pairs, its shrunken gain is worth having and every guard holds. It is rejected when it fails,
    breaks a guard, never differs, or has no prospect of enough evidence within ``max_pairs``; and
    is undecided after that many. Alphas come from e-LORD.

    Evidence is about trials: several builds of a recipe, several draws of items for an artifact.
    Where an artifact passes or fails each item, it is about the items on which the sides differ.
    An artifact has to win trial by trial besides: one that tosses a coin when it starts is right
    or wrong on all items of a trial together.

    Source: Ramdas et al. 2023, arXiv 2210.01948 (e-processes); Zhang et al. 2025, arXiv
    2506.01452 (e-LORD).

    What this does not cover: seeds, items or a machine state that favour one side of a pair.
    """

    n_replications = N_REPLICATIONS

    def __init__(self, rule: Rule | None = None) -> None:
        self.rule = rule or Rule()
        self.policy = policy_of(self.rule, version=VERSION)

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

        A guard that is not grossly broken is left to the confirmation: one pair cannot tell harm
        from noise. So is a pair that the incumbent or the host failed. A shorter program needs no
        gain, only none of the losses that would be a gain the other way round.
        """
        if (failure := blamed(challenger)) is not None:
            return failed(case, failure, self.policy)
        if not (challenger.is_usable and incumbent.is_usable):
            return None
        for guard in case.guards:
            harm = -guard.gain(incumbent[guard.name].value, challenger[guard.name].value)
            if harm > GROSS * guard.tolerance > 0:
                reason = f"{guard.name} is worse by {amount(harm, guard)} on the dev pair"
                return conclude(case, (Decision.REJECT, reason), self.policy)
        gain = case.gain(incumbent, challenger)
        needed = self.rule.screen_sigmas * _error(case, incumbent, challenger)
        if case.margin:
            needed = -needed
        is_enough = gain >= needed or math.isclose(gain, needed, rel_tol=_ROUNDING)
        if is_enough and (gain > 0 or case.margin > 0):
            return None
        wanted = f"below {amount(needed, case.primary)}" if needed else "not above 0"
        reason = f"gain {amount(gain, case.primary)} on the dev pair, {wanted}"
        return conclude(case, (Decision.REJECT, reason), self.policy)

    def judge(self, case: Case) -> Verdict | None:
        """Returns the verdict on ``case.pairs``, or None to ask for one more pair."""
        for pair in case.pairs:
            if (failure := blamed(pair.challenger)) is not None:
                return failed(case, failure, self.policy, alpha=case.alpha)
        comparison = self._compare(case, _telling(case))
        guards, broken = check_guards(case, evidence.usable(case.pairs))
        answer = self._weigh(case, comparison, guards, broken)
        if answer is None and len(case.pairs) >= self.rule.max_pairs + case.n_bought:
            answer = Decision.UNDECIDED, _why_open(case, comparison)
        if answer is None:
            return None
        return conclude(
            case, answer, self.policy, alpha=case.alpha, comparison=comparison, guards=guards
        )

    def more_pairs(self, case: Case) -> int:
        """Returns half as many again, twice at most, if the mean gain would then be proven."""
        n_more = self.rule.max_pairs // 2
        pairs = _telling(case)
        comparison = self._compare(case, pairs)
        if comparison is None or case.n_bought + n_more > self.rule.max_pairs or case.alpha == 0:
            return 0
        counts, found = self._items(case, pairs), comparison.differences
        if counts is not None:
            likely = _log_e_of(evidence.continued(counts, len(pairs), n_more))
        else:
            mean = math.fsum(found) / len(found)
            likely = self._log_e_of_mean(case, [*found, *[mean] * n_more])
        likely = min(likely, _if_won(case, found, n_more))
        # Where it is proven only guards are open, and they are looked at often enough.
        is_open = comparison.e_value < 1 / case.alpha and likely >= -math.log(case.alpha)
        return n_more if is_open and self._is_worthwhile(case, comparison) else 0

    def replicate(self, case: Case, verdict: Verdict, trials: tuple[Trial, ...]) -> Verdict:
        """Returns ``verdict``, or its opposite where builds from source did not bear it out."""
        return replicate(case, verdict, trials)

    def not_worse(self, primary: Metric, noise: Noise) -> float:
        """Returns half the smallest effect worth having, or 0 if noise would never let it show."""
        margin = min(primary.smallest_effect / 2, LARGEST)  # its square must be a float
        best = evidence.log_evidence_of_mean([margin] * self.rule.max_pairs, noise, self.rule)
        return margin if best >= -math.log(self.alpha(())) else 0.0

    def alpha(self, confirmations: tuple[Verdict, ...]) -> float:
        """Returns the e-LORD alpha of the next confirmation.

        Only improvements raise it: what is shorter and not worse is found too easily.
        """
        is_gain = [v.decision is Decision.PROMOTE and v.margin == 0 for v in confirmations]
        spent = list(zip([v.alpha for v in confirmations], is_gain, strict=True))
        return stats.e_lord_alpha(spent, fdr=self.rule.fdr)

    def _compare(self, case: Case, pairs: Sequence[Pair]) -> Comparison | None:
        if not pairs:
            return None
        differences = evidence.gains(case.primary, pairs)
        told = self._log_e(case, pairs)
        return evidence.compare(case.primary, differences, _noise(case), self.rule, told)

    def _log_e(self, case: Case, pairs: Sequence[Pair]) -> float:
        before, after = evidence.sides(case.primary, pairs)
        claimed = [value + case.margin for value in after]
        if case.judged is not Judged.ARTIFACT:
            return float(evidence.log_evidence(before, claimed, _noise(case), self.rule))
        gained = [b - a for a, b in zip(before, claimed, strict=True)]
        counts = self._items(case, pairs)
        bets = math.inf if counts else evidence.log_e_of_bets(case.primary, pairs, case.margin)
        return float(evidence.log_evidence_on_items(gained, counts, self.rule, bets))

    def _items(self, case: Case, pairs: Sequence[Pair]) -> tuple[int, int] | None:
        """Returns the discordant items, where the evidence is about items passed or failed."""
        if case.judged is not Judged.ARTIFACT or case.margin:
            return None
        return evidence.discordant(case.primary, pairs)

    def _log_e_of_mean(self, case: Case, differences: Sequence[float]) -> float:
        claimed = [difference + case.margin for difference in differences]
        return float(evidence.log_evidence_of_mean(claimed, _noise(case), self.rule))

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
        if n >= self.rule.min_pairs and not any(comparison.differences) and not case.margin:
            return Decision.REJECT, f"no difference at all in {n} pairs"
        threshold = 1 / case.alpha if case.alpha > 0 else math.inf
        is_proven = comparison.e_value >= threshold
        if is_proven and self._is_worthwhile(case, comparison) and all(g.holds for g in guards):
            gain = amount(comparison.estimate, case.primary)
            claim = "shorter and not worse: " if case.margin else ""
            reason = f"{claim}gain {gain}, E = {comparison.e_value:.3g} after {n} pairs"
            return Decision.PROMOTE, reason
        if not is_proven and self._is_futile(case, comparison.differences, math.log(threshold)):
            return Decision.REJECT, f"no prospect of enough evidence after {n} pairs"
        return None

    def _is_worthwhile(self, case: Case, comparison: Comparison) -> bool:
        if len(comparison.differences) < self.rule.min_pairs:
            return False
        if case.margin:
            return comparison.estimate > -case.margin
        sigma, _ = self._spread(case, comparison.differences)
        smallest = case.primary.smallest_effect or SMALLEST_EFFECT_SIGMAS * sigma
        return comparison.estimate >= smallest

    def _is_futile(self, case: Case, differences: tuple[float, ...], log_threshold: float) -> bool:
        n_left = self.rule.max_pairs + case.n_bought - len(case.pairs)
        if n_left <= 0:
            return False
        counts = self._items(case, _telling(case))
        if counts is not None:
            ahead = evidence.continued(counts, len(differences), n_left, errors=1.0)
            return _log_e_of(ahead) < log_threshold
        sigma, _ = self._spread(case, differences)
        is_outlier = len(differences) == 1 and abs(differences[0]) > OUTLIER * sigma
        return not is_outlier and stats.is_futile(
            differences,
            n_max=len(differences) + n_left,
            sigma=sigma,
            log_e=lambda d: self._log_e_of_mean(case, d),
            log_threshold=log_threshold,
        )

    def _spread(self, case: Case, differences: tuple[float, ...]) -> tuple[float, int]:
        return evidence.spread(
            differences, evidence.believed(differences, _noise(case), self.rule)
        )


def _log_e_of(counts: tuple[int, int]) -> float:
    return float(stats.log_e_discordant(*counts))


def _if_won(case: Case, differences: Sequence[float], n_more: int) -> float:
    """Returns the most that signs of whole trials can come to; infinite where nobody asks them."""
    if case.judged is not Judged.ARTIFACT:
        return math.inf
    claimed = [difference + case.margin for difference in differences]
    return float(evidence.log_evidence_if_won(claimed, n_more))


def _telling(case: Case) -> tuple[Pair, ...]:
    """Returns the pairs that say something about a gain."""
    pairs = evidence.usable(case.pairs)
    is_artifact = case.judged is Judged.ARTIFACT
    return evidence.with_new_questions(case.primary, pairs) if is_artifact else pairs


def _noise(case: Case) -> Noise:
    """Returns the A/A noise, where it is that of a pair.

    The A/A trials of an artifact answer different items, and the two sides of a pair the same.
    """
    return evidence.UNKNOWN if case.judged is Judged.ARTIFACT else case.noise


def _error(case: Case, incumbent: Trial, challenger: Trial) -> float:
    """Returns the standard error of one pair's gain."""
    if case.judged is not Judged.ARTIFACT:
        return case.noise.sigma
    pair = Pair(incumbent=incumbent, challenger=challenger)
    return min(case.noise.sigma, evidence.item_error(case.primary, pair))


def _why_open(case: Case, comparison: Comparison | None) -> str:
    if comparison is not None and case.alpha > 0 and comparison.e_value >= 1 / case.alpha:
        gain = amount(comparison.estimate, case.primary)
        proven = f"proven after {len(case.pairs)} pairs (E = {comparison.e_value:.3g})"
        return f"{proven}, but a gain of {gain} is too little or a guard is open"
    n_told = len(_telling(case))
    n_mute = len(evidence.usable(case.pairs)) - n_told
    reason = f"not enough evidence after {len(case.pairs)} pairs"
    if n_mute > n_told:
        reason += f", of which {n_mute} asked nothing new: the exam repeats its questions"
    return reason
