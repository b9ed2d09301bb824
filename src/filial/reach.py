"""Which true gains a study can tell from its noise, and what would let it tell smaller ones."""

import math
from dataclasses import dataclass, replace

from filial import stats
from filial.core import Noise
from filial.forecast import MOST_PAIRS, POWER, Chances, Forecast
from filial.reports.instruments.noise import sigma_interval

HABIT = 3
"""Seeds a side that are usual elsewhere."""
HABIT_LEVEL = 0.05

_ROWS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)  # of the smallest gain that is found
_BLIND_ROWS = (0.0, 1.0, 2.0, 4.0)  # sigmas, where none is
_FAR_SIGMAS = 12.0
_N_HALVINGS = 7
_DIGITS = 2
_ALIKE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What a larger ``gate.max_pairs`` would do for the smallest gain worth having.

    Attributes:
        max_pairs: What to set it to: enough at the upper end of sigma's interval where that is
            possible at all, else at the sigma that was measured.
        proven: Chance past the screen that such a gain is then proven, at the measured sigma.
        proven_at_worst: The same at the upper end of sigma's interval.
    """

    max_pairs: int
    proven: float
    proven_at_worst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which gains can be told from noise.

    Attributes:
        sigma_range: 95 % interval of the spread of a paired difference, in the metric's unit.
        n_items: Items of an exam, where each is passed or failed and so counted; else 0.
        chances: What true gains can hope for, by size; those spared by lot pass the screen, too.
        detectable: Smallest gain, rounded up to two digits, with which a candidate has a chance of
            80 % to pass the screen and be promoted, on as many pairs as gate and budget allow;
            None if there is none.
        detectable_range: The same if sigma is at either end of its interval, None for each at
            which there is none; None for both where items are counted, whatever sigma is.
        unhurried: The same as ``detectable`` if the budget were no limit; None if it is none, or
            if there is none.
        is_in_reach: Whether the declared smallest effect has that chance to pass the screen and be
            proven; None if none is declared.
        patience: How many pairs would prove it more often; None if the gate allows enough at the
            measured sigma, if there are never enough, or none is declared.
        unscreened: Chances of it and of no gain where only losses are rejected; None if the screen
            is no obstacle, or none is declared.
        habit: Gain that a t-test of three paired seeds finds with that chance, at 5 %.
    """

    sigma_range: tuple[float, float]
    n_items: int
    chances: tuple[Chances, ...]
    detectable: float | None
    detectable_range: tuple[float | None, float | None] | None
    unhurried: float | None
    is_in_reach: bool | None
    patience: Patience | None
    unscreened: tuple[Chances, Chances] | None
    habit: float

    def at(self, gain: float) -> Chances:
        """Returns what one of the gains in ``chances`` can hope for."""
        return next(one for one in self.chances if one.gain == gain)


def reach_of(forecast: Forecast, noise: Noise, max_pairs: int, survivors: float) -> Reach:
    """Returns which gains can be told from noise.

    Args:
        forecast: What simulates the gate, with no more pairs than the budget pays for.
        noise: A/A spread, known.
        max_pairs: Pairs that the gate itself would allow.
        survivors: Share of those rejected by the screen that go on by lot.
    """
    one = _Outlook(forecast=forecast, survivors=survivors)
    whole = one.with_pairs(max_pairs)
    smallest, detectable = forecast.smallest, one.detectable()
    unit, steps = (forecast.sigma, _BLIND_ROWS) if detectable is None else (detectable, _ROWS)
    gains = {unit * step for step in steps if unit * step <= one.most}
    if smallest:  # no row beside it that would look the same
        gains = {gain for gain in gains if not math.isclose(gain, smallest, rel_tol=_ALIKE)}
        gains |= {smallest, *([detectable] if detectable else [])}
    chances = {gain: one.chances(gain) for gain in sorted(gains)}
    ends = sigma_interval(noise)
    found = chances.get(smallest) if smallest else None
    in_sigmas = stats.minimum_detectable_effect(
        HABIT, alpha=HABIT_LEVEL, power=POWER, dof=HABIT - 1
    )
    return Reach(
        sigma_range=ends,
        n_items=forecast.n_items,
        chances=tuple(chances.values()),
        detectable=detectable,
        detectable_range=None if forecast.n_items else one.detectable_at(ends),
        unhurried=None if forecast.rule.max_pairs == max_pairs else whole.detectable(),
        is_in_reach=found.passes * found.proven >= POWER if found else None,
        patience=whole.patience(smallest, ends[1]) if found else None,
        unscreened=one.unscreened(smallest) if found else None,
        habit=in_sigmas * forecast.sigma,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outlook:
    """A forecast of candidates from their screen on, where some are spared by lot."""

    forecast: Forecast
    survivors: float

    @property
    def most(self) -> float:
        """The largest gain there can be, or that is worth a thought."""
        if self.forecast.n_items:
            return 1.0
        far = _FAR_SIGMAS + self.forecast.rule.screen_sigmas
        return self.forecast.smallest + far * self.forecast.sigma

    def with_pairs(self, max_pairs: int) -> "_Outlook":
        rule = replace(self.forecast.rule, max_pairs=max_pairs)
        return replace(self, forecast=replace(self.forecast, rule=rule))

    def with_sigma(self, sigma: float) -> "_Outlook":
        return replace(self, forecast=replace(self.forecast, sigma=sigma))

    def chances(self, gain: float) -> Chances:
        bare = self.forecast.chances(gain)
        return replace(bare, passes=bare.passes + self.survivors * (1 - bare.passes))

    def detectable(self) -> float | None:
        """Returns the smallest gain promoted with a chance of ``POWER``, screen included."""

        def is_detected(gain: float) -> bool:
            found = self.chances(gain)
            return found.passes * found.promoted >= POWER

        low, high = 0.0, self.most
        if not is_detected(high):
            return None
        for _ in range(_N_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if is_detected(middle) else (middle, high)
        return min(_rounded_up(high), self.most)

    def detectable_at(self, sigmas: tuple[float, float]) -> tuple[float | None, float | None]:
        low, high = (self.with_sigma(sigma).detectable() for sigma in sigmas)
        return low, high

    def patience(self, gain: float, worst: float) -> Patience | None:
        """Returns how many pairs would prove ``gain``, at the sigma ``worst`` if possible."""
        if self.chances(gain).proven >= POWER:
            return None
        if self.forecast.n_items:
            worst = self.forecast.sigma
        cautious = self.with_sigma(worst)
        needed = cautious.pairs_needed(gain) or self.pairs_needed(gain)
        if needed is None or needed <= self.forecast.rule.max_pairs:
            return None
        return Patience(
            max_pairs=needed,
            proven=self.with_pairs(needed).chances(gain).proven,
            proven_at_worst=cautious.with_pairs(needed).chances(gain).proven,
        )

    def pairs_needed(self, gain: float) -> int | None:
        """Returns how many pairs prove ``gain``, though the gate may lose hope before."""
        n = self.forecast.pairs_needed(gain)
        while n is not None and n <= MOST_PAIRS:
            if self.with_pairs(n).chances(gain).proven >= POWER:
                return n
            n += max(1, n // 10)
        return None

    def unscreened(self, gain: float) -> tuple[Chances, Chances] | None:
        """Returns the chances of ``gain`` and of none where the screen only rejects losses."""
        is_open = self.forecast.rule.screen_sigmas == 0
        if is_open or self.chances(gain).passes >= POWER:
            return None
        rule = replace(self.forecast.rule, screen_sigmas=0.0)
        wide = replace(self, forecast=replace(self.forecast, rule=rule))
        return wide.chances(gain), wide.chances(0.0)


def _rounded_up(value: float) -> float:
    """Returns the next number of two digits, so that what is shown is no less than what is."""
    step = 10.0 ** (math.floor(math.log10(value)) - _DIGITS + 1)
    return math.ceil(value / step - 1e-9) * step
