"""What is unusual about a candidate's trials, in a few words; and the noise of a study."""

from filial.core import (
    Body,
    Decision,
    EvidenceBought,
    History,
    Judged,
    Noise,
    Spared,
    Verdict,
)
from filial.reports.numbers import Scale


def remarks(verdict: Verdict | None, candidate: str, history: History) -> list[str]:
    """Returns what is unusual about a candidate's trials, in a few words each."""
    found = ["spared by lot"] if candidate in history.spared else []
    if n_pairs := history.bought.get(candidate, 0):
        found.append(f"{n_pairs} more pairs")
    if verdict is not None and verdict.margin > 0:
        is_proven = verdict.decision is Decision.PROMOTE
        found.append("shorter, not worse" if is_proven else "shorter")
    return found


def interval_text(verdict: Verdict) -> str:
    """Returns what the interval of a verdict's gain is made of; empty without one.

    Evidence is made of items, signs and ranks, and may be large where an interval over few trials
    is still wide; who reads the two side by side should know.
    """
    if verdict.comparison is None:
        return ""
    if verdict.judged is Judged.CONSTRUCTION:
        return "both exact verifications"
    n = len(verdict.comparison.differences)
    text = f"95 % interval of the mean of {n} pairs of trials"
    is_proven = verdict.alpha > 0 and verdict.comparison.e_value >= 1 / verdict.alpha
    if is_proven and verdict.margin == 0 and verdict.comparison.lower <= 0:
        text += "; E is made of more than these means and may prove what the interval leaves open"
    return text


def remark_of(body: Body, history: History) -> str:
    """Returns in a few words what an event makes unusual about a candidate; mostly nothing."""
    match body:
        case Spared(candidate=candidate):
            return f"#{history.standings[candidate].candidate.index} is spared by lot"
        case EvidenceBought(candidate=candidate, n_pairs=n):
            return f"#{history.standings[candidate].candidate.index} gets {n} more pairs"
        case _:
            return ""


def sigma_text(noise: Noise, scale: Scale) -> str:
    """Returns the A/A noise with the number of values behind it; one value says nothing."""
    if noise.n_values < 2:
        return "unknown: it takes two values"
    return f"{scale.with_unit(scale.value(noise.sigma))}, from {noise.n_values} values"
