"""How many good candidates the screens reject, as those tell that were spared by lot."""

from filial.core import Decision, History


def false_kills(history: History) -> tuple[int, int]:
    """Returns how many spared candidates were confirmed to the end, and how many got PROMOTE.

    The second over the first estimates the share of good ones among those that the screens reject
    for too small a gain. A candidate is not counted while it awaits its confirmation, nor if
    another became the incumbent before.

    What this does not cover: good candidates whose gain the confirmation could not prove either,
    so the share is a lower bound.
    """
    latest = {reached.verdict.candidate: reached.verdict for reached in history.verdicts}
    spared = [latest[candidate] for candidate in history.spared if candidate in latest]
    judged = [v for v in spared if v.decision is not Decision.UNDECIDED or v.alpha > 0]
    return len(judged), sum(v.decision is Decision.PROMOTE for v in judged)
