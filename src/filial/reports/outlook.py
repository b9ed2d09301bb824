"""What it takes to judge more candidates of an arm: how many proposals, and which ceilings."""

import math
from dataclasses import fields

from filial.core import Arm, Budget, Spend
from filial.reports import readings
from filial.reports.check import Subject
from filial.reports.numbers import amount, count, setting

_FEWEST = 5  # proposals of an arm, by its share, from which the later half speaks for itself


def outlook(subject: Subject, arm: Arm, n_more: int) -> str:
    """Returns in sentences what it takes until ``n_more`` candidates of ``arm`` are judged.

    Proposals go on to be those of the arm as often as in the later half of the study, where many
    are refused as duplicates, or as in all of it while that is short; each goes on to cost the
    mean.

    What this does not cover: an arm that runs out of new proposals later, and work that gets
    dearer.
    """
    arms_share = f"proposers.{arm}.share"
    rate = _rate(subject, arm)
    if rate == 0 and subject.terms.shares.get(arm):
        n_latest = subject.history.n_proposals - subject.history.n_proposals // 2
        return (
            f"None of the latest {count(n_latest)} proposals led to a new one, as what this arm "
            "has to propose was tried before: a larger budget will hardly help."
        )
    if rate == 0:
        return f"This study proposes none: set {arms_share} in a new one."
    n_proposals = math.ceil(n_more / rate)
    text = f"At {100 * rate:.2g} in 100 proposals they take about {count(n_proposals)} more"
    ceilings = raised(subject.terms.budget, subject.history.spend, n_proposals)
    if not ceilings:
        return f"{text}, for which the budget has room: go on."
    return f"{text}: raise {' and '.join(ceilings)}, or {arms_share} in a new study."


def _rate(subject: Subject, arm: Arm) -> float:
    """Returns how many candidates of ``arm`` are judged a proposal."""
    history, share = subject.history, subject.terms.shares.get(arm, 0.0)
    n_judged, _ = readings.run_and_promoted(history, arm)
    half = history.n_proposals // 2
    if not history.n_proposals or share * (history.n_proposals - half) < _FEWEST:
        return n_judged / history.n_proposals if n_judged else share
    late = {
        reached.verdict.candidate
        for reached in history.verdicts
        if reached.arm is arm
        and history.standings[reached.verdict.candidate].candidate.index >= half
    }
    return len(late) / (history.n_proposals - half)


def raised(budget: Budget, spend: Spend, n_proposals: int) -> list[str]:
    """Returns each setting that ends the study before ``n_proposals`` more, with what it takes."""
    growth = n_proposals / spend.candidates if spend.candidates else 0.0
    found = []
    for field in fields(Budget):
        ceiling, used = getattr(budget, field.name), getattr(spend, field.name)
        needed = used + n_proposals if field.name == "candidates" else used * (1 + growth)
        if ceiling is not None and needed > ceiling:
            found.append(f"{setting(field.name)} to {amount(field.name, _round_up(needed))}")
    return found


def _round_up(number: float) -> float:
    """Returns the next number with two significant digits."""
    size = 10.0 ** (math.floor(math.log10(number)) - 1)
    return math.ceil(number / size) * size
