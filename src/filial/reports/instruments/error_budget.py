"""How much of its error budget a study has spent on confirmations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import Decision, Judged, Verdict
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import count, evidence, share

_ROUNDING = 1e-9
_UNREACHABLE = 1e12  # evidence that no number of pairs gives


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetReading:
    """Confirmations of treatment and placebo candidates, which share one budget.

    Attributes:
        fdr: The budget: false discovery rate over the promotions, a share.
        spent: What of it is spent, same unit.
        n_confirmations: On how many confirmations.
        n_promoted: How many of these ended with PROMOTE.
        n_pairs: Fresh pairs of trials behind those.
        next_e: Evidence that the next one needs.
    """

    fdr: float
    spent: float
    n_confirmations: int
    n_promoted: int
    n_pairs: int
    next_e: float


def read(confirmations: Sequence[Verdict], fdr: float) -> BudgetReading:
    """Returns what confirmations have spent: the sum of ``alpha_j / (R_{j-1} + 1)``.

    R_j is the number of improvements promoted among the first j. A program that is only shorter is
    none, as for the gate.

    Source: Zhang et al. 2025, arXiv 2506.01452 (e-LORD).
    """
    from filial.stats import e_lord_alpha  # noqa: PLC0415 - numpy is slow to import

    n_improved = 0
    terms, spent = [], []
    for verdict in confirmations:
        is_gain = verdict.decision is Decision.PROMOTE and verdict.margin == 0
        terms.append(verdict.alpha / (n_improved + 1))
        spent.append((verdict.alpha, is_gain))
        n_improved += is_gain
    promoted = [v for v in confirmations if v.decision is Decision.PROMOTE]
    return BudgetReading(
        fdr=fdr,
        spent=math.fsum(terms),
        n_confirmations=len(confirmations),
        n_promoted=len(promoted),
        n_pairs=sum(len(v.comparison.differences) for v in promoted if v.comparison),
        next_e=1 / e_lord_alpha(spent, fdr=fdr),
    )


def error_budget(subject: Subject) -> Check:
    """Returns whether confirmations have kept to the error budget."""
    if subject.terms.judged is Judged.CONSTRUCTION:
        text = "Constructions are verified exactly: no error budget is needed."
        return _check(State.HELD, text, {})
    found = read(subject.history.confirmations, subject.terms.fdr)
    if not found.n_confirmations:
        text = f"Nothing is spent yet of a false discovery rate of {share(found.fdr)}; the first "
        return _check(State.OPEN, f"{text}promotion needs E {evidence(found.next_e)}.", found)
    is_left = found.next_e < _UNREACHABLE
    needed = f"needs E {evidence(found.next_e)}" if is_left else "could not be promoted by any E"
    text = (
        f"{count(found.n_confirmations)} confirmations have spent {found.spent:.3f} of "
        f"{found.fdr:g}; the next {needed}. {count(found.n_promoted)} "
        f"promotions rest on {count(found.n_pairs)} pairs with seeds drawn after freezing."
    )
    if found.spent > found.fdr + _ROUNDING:
        remedy = "More was spent than there is: the rate is not held. Do not go on; audit claims."
        return _check(State.FAILED, text, found, remedy)
    return _check(State.HELD, text, found)


def _check(
    state: State, text: str, found: BudgetReading | dict[str, None], remedy: str = ""
) -> Check:
    return Check(
        key="error_budget",
        title="Error budget",
        state=state,
        text=text,
        remedy=remedy,
        numbers={} if isinstance(found, dict) else numbers_of(found),
    )
