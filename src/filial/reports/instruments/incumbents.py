"""Whether generations go on as they were when they were promoted."""

from dataclasses import dataclass

from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import count


@dataclass(frozen=True, slots=True, kw_only=True)
class IncumbentReading:
    """Generations after F0 that faced challengers.

    Attributes:
        looked: How many faced enough of them to tell.
        worse: How many have become significantly worse.
        names: These, as text.
    """

    looked: int
    worse: int
    names: str


def read(subject: Subject) -> IncumbentReading:
    """Returns how many generations are worse as incumbents than as challengers."""
    from filial.stats.drift import MIN_VALUES, drifted  # noqa: PLC0415 - numpy is slow to import

    looked, names = 0, []
    for step in subject.steps[1:]:
        number = step.generation.number
        own, later = subject.values[number]
        looked += len(later) >= MIN_VALUES
        if drifted(own, later, subject.primary):
            names.append(f"F{number}")
    return IncumbentReading(looked=looked, worse=len(names), names=", ".join(names))


def incumbents(subject: Subject) -> Check:
    """Returns whether no generation has become worse once it was the incumbent."""
    found = read(subject)
    text = "No generation has faced enough challengers to tell."
    if found.looked:
        held = found.looked - found.worse
        text = f"{count(held)} of {count(found.looked)} generations hold up as incumbents, in a "
        text += "test at level 0.001 each."
    state = State.FAILED if found.worse else State.HELD if found.looked else State.OPEN
    remedy = f"{found.names} did better as challengers: look at what depends on time or on luck."
    return Check(
        key="incumbents",
        title="Incumbents hold up",
        state=state,
        text=text,
        remedy=remedy if found.worse else "",
        numbers=numbers_of(found),
    )
