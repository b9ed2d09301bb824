"""The arms that must not be promoted: placebos and canaries."""

from dataclasses import dataclass

from filial.core import Arm, Decision, History
from filial.reports import readings
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import count, counted, share
from filial.reports.outlook import outlook
from filial.reports.rates import rate_bound

_TOLERATED = 0.10  # upper bound of the false-promotion rate at which it counts as measured
_FEWEST = 5  # canaries: all of 5 caught is at least half of them, with 95 % confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmReading:
    """What became of an arm.

    Attributes:
        run: Candidates with a verdict.
        promoted: How many of them ever got PROMOTE.
        bound: Upper 95 % bound of the rate of promotions, a share; None without candidates.
        names: Numbers of the promoted proposals, as text.
    """

    run: int
    promoted: int
    bound: float | None
    names: str


def read(history: History, arm: Arm) -> ArmReading:
    """Returns how many candidates of an arm got PROMOTE."""
    run, promoted = readings.run_and_promoted(history, arm)
    names = dict.fromkeys(
        f"#{history.standings[r.verdict.candidate].candidate.index}"
        for r in history.verdicts
        if r.arm is arm and r.verdict.decision is Decision.PROMOTE
    )
    bound = rate_bound(run, promoted)
    return ArmReading(run=run, promoted=promoted, bound=bound, names=", ".join(names))


def placebos(subject: Subject) -> Check:
    """Returns whether no-op candidates are promoted: the false-promotion rate, measured."""
    found = read(subject.history, Arm.PLACEBO)
    state, remedy = State.HELD, ""
    if found.promoted:
        state = State.FAILED
        remedy = (
            f"See filial show for {found.names}: code that changes nothing won on fresh pairs, so "
            "something else differs between the two sides."
        )
    elif found.bound is None or found.bound > _TOLERATED:
        state = State.OPEN
        n_more = _clean_runs() - found.run
        remedy = f"{n_more} more without a promotion bound the rate by {share(_TOLERATED)}. "
        remedy += outlook(subject, Arm.PLACEBO, n_more)
    return Check(
        key="placebos",
        title="Placebos",
        state=state,
        text=placebo_text(found),
        remedy=remedy,
        is_essential=True,
        numbers=numbers_of(found),
    )


def _clean_runs() -> int:
    """Returns how many placebos without a promotion bound the rate well enough."""
    n = 1
    while (rate_bound(n, 0) or 1.0) > _TOLERATED:
        n += 1
    return n


def placebo_text(found: ArmReading) -> str:
    """Returns the measured false-promotion rate with its upper bound, as a sentence."""
    if found.bound is None:
        return "No no-op candidate has been judged yet: the false-promotion rate is unknown."
    return (
        f"{count(found.promoted)} of {count(found.run)} no-op candidates got PROMOTE: a measured "
        f"false-promotion rate of {share(found.promoted / found.run)}, at most "
        f"{share(found.bound)} with 95 % confidence."
    )


def canaries(subject: Subject) -> Check:
    """Returns whether known cheats are caught, and whether all incidents are closed."""
    history = subject.history
    found = read(history, Arm.CANARY)
    n_open = len(history.open_incidents)
    text = "No known cheat has been tried here yet."
    if found.bound is not None:
        caught = found.run - found.promoted
        text = f"{count(caught)} of {count(found.run)} known cheats were caught, at least "
        text += f"{share(1 - found.bound)} with 95 % confidence."
    if history.incidents:
        text += f" {counted(len(history.incidents), 'incident')}, {count(n_open)} of them open."
    state, remedy = State.HELD, ""
    if n_open:
        state, remedy = (
            State.FAILED,
            "Nothing is promoted before a person has looked into them: filial incidents.",
        )
    elif found.promoted:
        state = State.FAILED
        remedy = f"The exam can be cheated: see filial show for {found.names}, and mend it."
    elif found.run < _FEWEST:
        state = State.OPEN
        n_more = _FEWEST - found.run
        remedy = f"{n_more} more caught bound the rate of escapes by one half. "
        remedy += outlook(subject, Arm.CANARY, n_more)
    return Check(
        key="canaries",
        title="Canaries and tripwires",
        state=state,
        text=text,
        remedy=remedy,
        is_essential=True,
        numbers={
            **numbers_of(found),
            "incidents": len(history.incidents),
            "open_incidents": n_open,
        },
    )
