"""Whether proposals find more than random edits of F0: a race between two arms."""

from collections.abc import Collection
from dataclasses import dataclass

from filial.core import Arm, Decision
from filial.reports import readings
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import Scale, count, counted, share
from filial.reports.outlook import outlook
from filial.reports.race import Race

_LEVEL = 0.05  # how often arms of equal worth may look different, on either side
_FEWEST = 5  # random edits from which they say anything
_NEEDED = 5  # gains in a row that equal arms have in 3 % of studies at equal spend


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlReading:
    """Verified gains of the proposers, and of random edits of F0.

    Attributes:
        n_treatment: Candidates of the proposers with a verdict.
        n_control: Random edits of F0 with a verdict.
        n_gains: Verified gains of the proposers.
        n_control_gains: Verified gains of random edits.
        reached: What the lineage claims over F0, in the primary metric's unit.
        best_control: The largest verified gain of a random edit, same unit; 0 without any.
        n_ahead: Random edits whose verified gain is larger than ``reached`` beyond noise.
        p_ahead: How often arms of equal worth would have as many ahead, a share.
        n_leading: Verified gains of the proposers at equal spend, each over the incumbent of its
            day, that are larger beyond noise than those of all random edits.
        p_leading: How often arms of equal worth would have as many leading, a share.
        lead: How much better the proposers' best dev value is at equal spend; single trials.
    """

    n_treatment: int
    n_control: int
    n_gains: int
    n_control_gains: int
    reached: float
    best_control: float
    n_ahead: int
    p_ahead: float
    n_leading: int
    p_leading: float
    lead: float


def read(subject: Subject, ran: Race) -> ControlReading:
    """Returns what either arm has verified, and how often chance alone would do that.

    If what is spent on either arm is worth the same, each of the largest gains falls to an arm
    with the chance of its share of the spend; that the n largest all do has this chance to the
    n. An arm that has found something has less left to find more with, so it is rather less.

    The random edits are held against the lineage, and against all that the proposers spent: they
    are ahead only where a part of the money found more. The proposers are held against random
    edits at equal spend, gain by gain. Each of theirs counts over the incumbent of its day, which
    is harder to beat than F0, and several of them are needed: one lucky find decides nothing.

    Source: Rosenbaum 1954 (Ann. Math. Statist. 25, 146), the test by exceedances.

    What this does not cover: tokens and money of models, which are no part of the spend compared;
    gains for which the budget did not last to be verified; and looking at a study often, which
    makes a chance of one in twenty a larger one.
    """
    history = subject.history
    n_treatment, _ = readings.run_and_promoted(history, Arm.TREATMENT)
    n_control, _ = readings.run_and_promoted(history, Arm.CONTROL)
    own, random = _verified(subject, Arm.TREATMENT), _verified(subject, Arm.CONTROL)
    noise = 2 * history.noise.sigma if history.noise else 0.0
    reached = max((step.gain for step in subject.steps), default=0.0)
    n_ahead = _beyond(random.values(), reached, noise)
    even = _within(own, ran, Arm.TREATMENT)
    best_even = max(_within(random, ran, Arm.CONTROL), default=0.0)
    n_leading = _beyond(even, best_even, noise)
    return ControlReading(
        n_treatment=n_treatment,
        n_control=n_control,
        n_gains=len(own),
        n_control_gains=len(random),
        reached=reached,
        best_control=max(random.values(), default=0.0),
        n_ahead=n_ahead,
        p_ahead=(ran.spent[Arm.CONTROL] / sum(ran.spent.values())) ** n_ahead,
        n_leading=n_leading,
        p_leading=0.5**n_leading,
        lead=ran.lead,
    )


def _verified(subject: Subject, arm: Arm) -> dict[str, float]:
    """Returns the estimated gain of each sound candidate of ``arm`` that got PROMOTE for one."""
    history = subject.history
    return {
        verdict.candidate: verdict.comparison.estimate
        for reached in history.verdicts
        if (verdict := reached.verdict).decision is Decision.PROMOTE
        and reached.arm is arm
        and verdict.margin == 0
        and verdict.comparison is not None
        and verdict.candidate not in history.voided
    }


def _within(gains: dict[str, float], ran: Race, arm: Arm) -> list[float]:
    return [gain for name, gain in gains.items() if name in ran.within[arm]]


def _beyond(gains: Collection[float], best: float, noise: float) -> int:
    """Returns how many gains exceed the other arm's best beyond noise; any where it has none."""
    least = best + noise if best > 0 else 0.0
    return sum(gain > least for gain in gains)


def control(subject: Subject) -> Check:
    """Returns whether the proposers find more than random edits of F0, or less, beyond chance."""
    ran = subject.race
    if ran is None:
        text = "One of the two arms has no result yet, so there is nothing to compare."
        return _check(State.OPEN, text, outlook(subject, Arm.CONTROL, _FEWEST))
    found = read(subject, ran)
    text = _text(found, subject.scale)
    if found.n_control < _FEWEST:
        remedy = f"At least {_FEWEST} random edits say something. "
        remedy += outlook(subject, Arm.CONTROL, _FEWEST - found.n_control)
        return _check(State.OPEN, text, remedy, found)
    if found.p_ahead <= _LEVEL:
        remedy = "Random edits of F0 found more: the proposers are not worth their cost here."
        return _check(State.FAILED, f"{text} {_ahead(found)}", remedy, found)
    leading = f"At {ran.spend} for each arm, {counted(found.n_leading, 'gain')} of the proposers "
    leading += f"{'is' if found.n_leading == 1 else 'are'} larger than those of all random edits"
    if found.p_leading <= _LEVEL:
        chance = f"arms of equal worth do that in {share(found.p_leading)} of studies"
        return _check(State.HELD, f"{text} {leading}; {chance}.", "", found)
    text += f" {_ahead(found)}" if found.n_ahead else " Neither arm leads beyond chance."
    return _check(State.OPEN, text, f"{leading}; {_NEEDED} would be enough.", found)


def _text(found: ControlReading, scale: Scale) -> str:
    text = (
        f"Verified over F0: {scale.with_unit(scale.gain(found.reached))} by the proposers, with "
        f"{counted(found.n_gains, 'gain')} from {count(found.n_treatment)} candidates; "
    )
    edits = counted(found.n_control, "random edit")
    if not found.n_control_gains:
        return f"{text}nothing by {edits}."
    best = scale.with_unit(scale.gain(found.best_control))
    return f"{text}{best} at most by {edits}, with {counted(found.n_control_gains, 'gain')}."


def _ahead(found: ControlReading) -> str:
    edits = "random edit is" if found.n_ahead == 1 else "random edits are"
    return (
        f"{count(found.n_ahead)} {edits} ahead of all that the proposers reached; arms of equal "
        f"worth do that in {share(found.p_ahead)} of studies."
    )


def _check(state: State, text: str, remedy: str, found: ControlReading | None = None) -> Check:
    return Check(
        key="control",
        is_about_worth=True,
        title="Against no intelligence",
        state=state,
        text=text,
        remedy=remedy,
        numbers=numbers_of(found) if found else {},
    )
