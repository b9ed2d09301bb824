"""How many good candidates the screens reject: what became of those spared by lot."""

from filial.reports.check import Check, State, Subject
from filial.reports.numbers import count, share
from filial.reports.rates import rate_bound
from filial.reports.sparing import false_kills

_TOLERATED = 0.10  # of candidates that a screen would have rejected, how many may be good


def screens(subject: Subject) -> Check:
    """Returns whether few of the candidates spared by lot got PROMOTE."""
    n_judged, n_promoted = false_kills(subject.history)
    upper = rate_bound(n_judged, n_promoted)
    lower = 0.0
    state, remedy = State.OPEN, ""
    text = "No candidate that a screen would have rejected was spared and judged yet."
    if upper is not None:
        lower = 1 - (rate_bound(n_judged, n_judged - n_promoted) or 0.0)
        text = (
            f"{count(n_promoted)} of {count(n_judged)} candidates spared by lot got PROMOTE: "
            f"of what screens reject at most {share(upper)} would, with 95 % confidence."
        )
        state = State.HELD if upper <= _TOLERATED else State.OPEN
    if lower > _TOLERATED:
        state = State.FAILED
        remedy = "Screens reject too much: lower gate.screen_sigmas in a new study."
    return Check(
        key="screens",
        is_about_worth=True,
        title="Screens",
        state=state,
        text=text,
        remedy=remedy,
        numbers={"spared": n_judged, "promoted": n_promoted, "lower": lower, "upper": upper},
    )
