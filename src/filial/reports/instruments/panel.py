"""How far the sealed panel may have been fitted through the answers it gave."""

from dataclasses import dataclass

from filial.core import History, Metric, Split
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import count, counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelReading:
    """A sealed panel and the looks at it.

    Attributes:
        n_items: Different items it has; 0 if they are drawn without end.
        n_looks: Comparisons of generations on it.
        n_trials: Trials on it, those of comparisons that were cut off included.
        bound: What one more look could have leaked at most, with 95 % confidence, in the primary
            metric's unit; None where items are drawn without end or there was no look.
        allowed: Half the smallest effect of interest, same unit; None if there is none.
    """

    n_items: int
    n_looks: int
    n_trials: int
    bound: float | None
    allowed: float | None

    @property
    def is_retired(self) -> bool:
        """Whether one more look could leak more than is allowed."""
        return self.bound is not None and self.allowed is not None and self.bound > self.allowed


def read(history: History, primary: Metric, n_items: int) -> PanelReading:
    """Returns the bound on what was fitted, by the rule that refuses further looks."""
    from filial.stats import panel_allowance, panel_bound  # noqa: PLC0415 - numpy is slow to import

    return PanelReading(
        n_items=n_items,
        n_looks=sum(audit.split == Split.SEALED for audit in history.audits),
        n_trials=history.spend.sealed_looks,
        bound=panel_bound(history, n_items),
        allowed=panel_allowance(primary, history),
    )


def panel(subject: Subject) -> Check:
    """Returns whether the sealed panel can still be believed."""
    found = read(subject.history, subject.primary, subject.terms.sealed_items)
    scale = subject.scale
    looks = f"{counted(found.n_looks, 'comparison')}, {counted(found.n_trials, 'trial')}"
    state, remedy = State.HELD, ""
    if not found.n_items:
        text = f"Sealed items are drawn without end, so looks wear nothing out ({looks})."
    elif found.bound is None:
        state = State.OPEN
        text = f"Nobody has looked at the {count(found.n_items)} sealed items yet."
    else:
        allowed = "no smallest effect is known"
        if found.allowed is not None:
            allowed = f"half the smallest effect is {scale.value(found.allowed)}"
        text = (
            f"{looks} on {count(found.n_items)} sealed items: one more could have leaked at most "
            f"{scale.with_unit(scale.value(found.bound))} with 95 % confidence; {allowed}."
        )
    if found.is_retired:
        state = State.OPEN
        remedy = "The panel is retired: give the exam new sealed items, in a new study."
    return Check(
        key="panel",
        title="Sealed panel",
        state=state,
        text=text,
        remedy=remedy,
        numbers=numbers_of(found),
    )
