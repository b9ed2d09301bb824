"""Whether gains on the dev split carry over to fresh trials, beyond what selection explains."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from filial.core import Arm, History, Metric, Verdict
from filial.reports import readings
from filial.reports.check import Check, State, Subject, numbers_of
from filial.reports.numbers import count, counted

_HEALTHY = 0.5  # least slope of a healthy study, at the upper end of its 90 % interval
_FEWEST = 5  # confirmed candidates from which a slope says something

# A dev winner had luck: one candidate in six beats the screen at one sigma by luck alone, and then
# by 1.5 sigma. What counts as too much is what lies beyond two sigma, up to five: so that one wild
# trial decides nothing. Whatever its tails, symmetric noise with one peak exceeds t sigma in
# (2/9) / t^2 of all cases at most (Gauss 1823), which adds up to 0.067 sigma a candidate.
_FREE, _MOST = 2.0, 5.0
_TARGET = 0.067
_SLACK = 0.033
_LIMIT = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionReading:
    """Gains on the dev split against confirmed ones, of treatment candidates.

    Attributes:
        n_tried: Candidates with a verdict, each time they got one.
        n_confirmed: Those of them that reached confirmation for their gain on the dev split.
        slope: Confirmed gain per dev gain, least squares; None from fewer than five.
        lower: Lower end of its 90 % interval.
        upper: Upper end.
        gap: Mean of dev gain minus confirmed gain, in sigma of one pair; None if unknown.
        excess: Sum of what in these lies beyond selection, in sigma.
        expected: The most of it that selection and luck alone add up to, on average.
        alarm_at: Number of the verdict, from 0, at which the sum ran away; None if it never did.
    """

    n_tried: int
    n_confirmed: int
    slope: float | None
    lower: float | None
    upper: float | None
    gap: float | None
    excess: float
    expected: float
    alarm_at: int | None

    @property
    def is_alarm(self) -> bool:
        """Whether dev gains are too good to be luck, or do not carry over and are no luck."""
        flat = self.upper is not None and self.upper < _HEALTHY
        return self.alarm_at is not None or (flat and self.excess > self.expected + _LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """One candidate's way: its dev gain, and the gains of its pairs if it was confirmed."""

    dev: float = 0.0
    gains: tuple[float, ...] = ()


def read(history: History, primary: Metric) -> SelectionReading:
    """Returns how dev gains of treatment candidates compare with confirmed ones."""
    tried = [
        _trying(reached.verdict, history, primary)
        for reached in history.verdicts
        if reached.arm is Arm.TREATMENT
    ]
    return weigh(tried, history.noise.sigma if history.noise else 0.0)


def weigh(tried: Sequence[Trying], sigma: float) -> SelectionReading:
    """Returns slope, gap and CUSUM of dev gains against confirmed ones.

    Dev winners regress to the mean: they were picked for their luck. So a slope below 1, even of 0
    where nothing is any good, is no alarm by itself. An alarm takes more excess than selection
    leaves, either all of a sudden or in all.

    Args:
        tried: All candidates with a verdict, in order; those not confirmed have no gains.
        sigma: A/A spread of a pair, in the primary metric's unit; the pairs' own spread counts
            where it is larger.

    Source: Page 1954 (CUSUM); Gao et al. 2022, arXiv 2210.10760 (proxy against gold).

    What this does not cover: dev items that were learnt so little that it looks like luck, and
    skewed noise in which wins are wild and losses tame. In simulations of 300 honest candidates
    fewer than one study in twenty raised an alarm, heavy tails included.
    """
    from filial.stats import cusum, slope  # noqa: PLC0415 - numpy is slow to import

    sigma = max(sigma, _pooled(tried))
    confirmed = [t for t in tried if t.gains]
    gaps = [(t.dev - statistics.fmean(t.gains)) / sigma for t in confirmed] if sigma else []
    kept = iter(gaps)
    excess = [
        min(max(next(kept), _FREE), _MOST) - _FREE if t.gains and sigma else 0.0 for t in tried
    ]
    x = [t.dev for t in confirmed]
    line = None
    if len(x) >= _FEWEST and min(x) < max(x):
        line = slope(x, [statistics.fmean(t.gains) for t in confirmed])
    return SelectionReading(
        n_tried=len(tried),
        n_confirmed=len(confirmed),
        slope=line[0] if line else None,
        lower=line[1] if line else None,
        upper=line[2] if line else None,
        gap=statistics.fmean(gaps) if gaps else None,
        excess=math.fsum(excess),
        expected=_TARGET * len(tried),
        alarm_at=cusum(excess, target=_TARGET, slack=_SLACK, limit=_LIMIT),
    )


def _trying(verdict: Verdict, history: History, primary: Metric) -> Trying:
    if verdict.alpha == 0 or verdict.comparison is None or verdict.candidate in history.spared:
        return Trying()  # who was spared by lot was not picked for its dev gain
    standing = history.standings[verdict.candidate]
    dev = readings.dev_gain_over(verdict.incumbent, standing, history, primary)
    return Trying() if dev is None else Trying(dev=dev, gains=verdict.comparison.differences)


def _pooled(tried: Sequence[Trying]) -> float:
    """Returns the spread of pairs around the mean of their candidate; 0 if hardly any repeat."""
    many = [t.gains for t in tried if len(t.gains) > 1]
    dof = sum(len(gains) - 1 for gains in many)
    scale = max((abs(g) for gains in many for g in gains), default=0.0)
    if dof < _FEWEST - 1 or scale == 0:
        return 0.0
    squares = 0.0
    for gains in many:
        mean = math.fsum(g / scale for g in gains) / len(gains)
        squares += math.fsum((g / scale - mean) ** 2 for g in gains)
    return math.sqrt(squares / dof) * scale


def selection(subject: Subject) -> Check:
    """Returns whether dev gains carry over to confirmation as well as selection lets them."""
    found = read(subject.history, subject.primary)
    state, remedy = State.HELD, ""
    if found.is_alarm:
        state = State.FAILED
        remedy = (
            "Candidates fit the dev items. Promotions rest on fresh pairs and stand; but look at "
            "what tells dev trials from others, and at what proposers are shown."
        )
    elif found.slope is None or found.gap is None:
        state = State.OPEN
    return Check(
        key="selection",
        title="Dev against confirm",
        state=state,
        text=_text(found),
        remedy=remedy,
        numbers=numbers_of(found),
    )


def _text(found: SelectionReading) -> str:
    n = found.n_confirmed
    if found.slope is None or found.lower is None or found.upper is None or found.gap is None:
        confirmed = f"{counted(n, 'candidate')} {'was' if n == 1 else 'were'} confirmed"
        return f"{confirmed} for a dev gain; from {_FEWEST} on gains can be compared."
    text = (
        f"A dev gain of 1 was worth {found.slope:.2f} on fresh pairs, 90 % interval "
        f"[{found.lower:.2f}, {found.upper:.2f}], over {count(n)} confirmed candidates. "
        f"Dev gains exceed confirmed ones by {found.gap:+.1f} sigma on average"
    )
    if found.is_alarm:
        return text + (
            f"; beyond what picking winners explains there are {found.excess:.1f} sigma, luck "
            f"leaves at most {found.expected:.1f}."
        )
    return text + ", no more than picking winners explains."
