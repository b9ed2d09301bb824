"""What is unusual about a candidate's trials, in a few words; and the noise of a study."""

from filial.core import Body, Decision, EvidenceBought, History, Noise, Spared, Verdict
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
