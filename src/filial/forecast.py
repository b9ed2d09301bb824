"""What the confirmation gate would make of true gains: simulated with its own evidence."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from filial import stats
from filial.core import Judged, Noise
from filial.gates import Rule, evidence
from filial.gates.rule import SMALLEST_EFFECT_SIGMAS

POWER = 0.8
MOST_PAIRS = 100
"""The most that ``gate.max_pairs`` may be."""

_SEED = 20_220_814
_N_ROWS = 200
_N_LOOKS = 4096  # dev pairs
_USUAL_PAIRS = 16  # for more of them there are fewer rows
_LEAST_ROWS = 64
_FAR_SIGMAS = 12.0
_N_HALVINGS = 7
_DISCORDANT = 0.1

_Bools = npt.NDArray[np.bool_]
_Counts = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """What a candidate with a given true gain can hope for.

    Attributes:
        gain: The true mean gain, in the metric's unit.
        sigmas: The same in sigma of a paired difference.
        passes: Chance to pass the screen.
        proven: Once past it, chance that the evidence reaches the threshold.
        promoted: Chance that the measured gain is then also found worth having.
        pairs: Mean number of pairs of a confirmation.
    """

    gain: float
    sigmas: float
    passes: float
    proven: float
    promoted: float
    pairs: float


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Simulates confirmations by the gate's own rule: evidence, worth and futility.

    Values scatter normally and independently, calibrations too: each simulated study has measured
    its own sigma. Chance comes from one fixed seed, so gains are compared on the same luck and the
    same question has the same answer.

    Pairs of artifacts speak for themselves: the calibration says nothing about them. Items that
    are passed or failed are counted where both sides differ: on a tenth of all, or on twice as
    many as are gained if that is more.

    Attributes:
        rule: The gate's numbers.
        judged: What verdicts are about: recipes or artifacts.
        sigma: True spread of a paired difference, positive, in the metric's unit.
        n_values: A/A values that the study's calibration will have.
        alpha: Error budget of the confirmation, positive.
        smallest: Smallest gain that counts, in the metric's unit; 0 if none is declared.
        n_items: Items of one exam, if each is passed or failed by an artifact; else 0.

    What this does not cover: guards, heavy tails, pairs that share their luck, pairs bought beyond
    the gate's usual most, replication. Where items of an artifact get scores in between, ``sigma``
    is that of A/A trials on different items: pairs, on the same items, may vary less. And bets on
    such items, where they have limits, may ask for more pairs.
    """

    rule: Rule
    judged: Judged
    sigma: float
    n_values: int
    alpha: float
    smallest: float
    n_items: int = 0

    def chances(self, gain: float) -> Chances:
        """Returns what becomes of candidates whose true gain is ``gain``, in the metric's unit."""
        proven, promoted, pairs = self._confirm(gain)
        return Chances(
            gain=gain,
            sigmas=gain / self.sigma,
            passes=self._passes(gain),
            proven=proven,
            promoted=promoted,
            pairs=pairs,
        )

    @cached_property
    def detectable(self) -> float | None:
        """The smallest gain promoted with a chance of ``POWER`` once past the screen.

        None if there is no such gain: the pairs are too few for any.
        """

        def is_detected(gain: float) -> bool:
            return self._confirm(gain)[1] >= POWER

        high = self.smallest + _FAR_SIGMAS * self.sigma
        high = min(high, 1.0) if self.n_items else high
        if not is_detected(high):
            return None
        low = 0.0
        for _ in range(_N_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if is_detected(middle) else (middle, high)
        return high

    def pairs_needed(self, gain: float) -> int | None:
        """Returns how many pairs prove ``gain`` with a chance of ``POWER``; None beyond 100."""
        drawn = self._draw(gain, MOST_PAIRS)

        def is_enough(n: int) -> bool:
            return float((drawn.log_e(n) >= self._needed).mean()) >= POWER

        numbers = range(self.rule.min_pairs, MOST_PAIRS + 1)
        at = bisect_left(numbers, True, key=is_enough)  # noqa: FBT003
        return numbers[at] if at < len(numbers) else None

    @property
    def _needed(self) -> float:
        return -math.log(self.alpha)

    def _discordant(self, gain: float) -> float:
        return min(1.0, max(_DISCORDANT, 2 * gain))

    def _passes(self, gain: float) -> float:
        """Chance that one dev pair gains at least what the screen wants."""
        if not self.n_items:
            short = self.rule.screen_sigmas * self.sigma - gain
            return math.erfc(short / self.sigma / math.sqrt(2)) / 2
        won, lost = self._items(gain, (_N_LOOKS,), np.random.default_rng(_SEED))
        net = (won - lost) / self.n_items
        squares = np.maximum((won + lost) / self.n_items - net**2, 0.0)
        error = np.sqrt(squares / (self.n_items - 1)) if self.n_items > 1 else math.inf
        needed = self.rule.screen_sigmas * np.minimum(self.sigma, error)
        is_enough = (net >= needed) | np.isclose(net, needed, rtol=1e-9, atol=0.0)
        return float((is_enough & (net > 0)).mean())

    def _items(self, gain: float, shape: tuple[int, ...], rng: np.random.Generator) -> _Counts:
        """Draws how many items of an exam only the challenger passes, and only the incumbent."""
        gain = min(gain, 1.0)
        share = self._discordant(gain)
        differ = rng.binomial(self.n_items, share, size=shape)
        won = rng.binomial(differ, (1 + gain / share) / 2)
        return won, differ - won

    def _confirm(self, gain: float) -> tuple[float, float, float]:
        """Returns the chance to be proven, that to be promoted, and the mean number of pairs."""
        drawn = self._draw(gain, self.rule.max_pairs)
        n_rows = drawn.n_rows
        proven = np.zeros(n_rows, bool)
        n_promoted = n_pairs = 0
        for n in range(1, self.rule.max_pairs + 1):
            n_pairs += drawn.n_rows
            is_proven = drawn.log_e(n) >= self._needed
            if n < self.rule.min_pairs:
                is_proven[:] = False
            proven[drawn.rows[is_proven]] = True
            is_promoted = is_proven & drawn.is_worthwhile(n)
            n_promoted += int(is_promoted.sum())
            is_futile = ~is_proven & drawn.is_futile(n, self._needed)
            drawn = drawn.without(is_promoted | is_futile)
            if not drawn.n_rows:
                break
        return float(proven.mean()), n_promoted / n_rows, n_pairs / n_rows

    def _draw(self, gain: float, n_pairs: int) -> "_Drawn":
        """Draws pairs, in units of the sigma that each study's calibration has found."""
        from scipy.special import chdtri  # noqa: PLC0415 - scipy loads when asked

        rng = np.random.default_rng(_SEED)
        n_rows = max(_LEAST_ROWS, _N_ROWS * _USUAL_PAIRS // max(n_pairs, _USUAL_PAIRS))
        dof = self.n_values - 1
        found = np.ones(n_rows)
        if dof > 0:  # evenly spaced quantiles, in any order
            at = (rng.permutation(n_rows) + 0.5) / n_rows
            found = np.sqrt(chdtri(dof, at) / dof)
        unit = self.sigma * found[:, np.newaxis]
        shape = (n_rows, n_pairs)
        scatter: stats.Floats = rng.normal(size=(2, *shape)) * self.sigma / math.sqrt(2)
        before, after = scatter[0] / unit, (scatter[1] + gain) / unit
        won = lost = np.zeros(shape, np.int64)
        if self.n_items:
            won, lost = self._items(gain, shape, rng)
            before, after = np.zeros(shape), (won - lost) / self.n_items / unit
        return _Drawn(
            forecast=self,
            rows=np.arange(n_rows),
            unit=unit[:, 0],
            before=before,
            after=after,
            won=np.cumsum(won, axis=1),
            lost=np.cumsum(lost, axis=1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """Simulated confirmations that are not over, a row each; evidence knows no unit.

    Attributes:
        forecast: What is simulated.
        rows: Their numbers, shape (r,).
        unit: The sigma that is their unit, in the metric's, shape (r,).
        before: The incumbent's values, shape (r, n).
        after: The challenger's, same shape.
        won: Items so far that only the challenger passed, same shape.
        lost: Items so far that only the incumbent passed, same shape.
    """

    forecast: Forecast
    rows: npt.NDArray[np.int64]
    unit: stats.Floats
    before: stats.Floats
    after: stats.Floats
    won: npt.NDArray[np.int64]
    lost: npt.NDArray[np.int64]

    @property
    def n_rows(self) -> int:
        return len(self.rows)

    @property
    def _noise(self) -> Noise:
        n_values = self.forecast.n_values
        if self.forecast.judged is Judged.ARTIFACT or n_values < 2:
            return evidence.UNKNOWN
        return Noise(sigma=1.0, n_values=n_values)

    def without(self, is_over: _Bools) -> "_Drawn":
        left = ~is_over
        return _Drawn(
            forecast=self.forecast,
            rows=self.rows[left],
            unit=self.unit[left],
            before=self.before[left],
            after=self.after[left],
            won=self.won[left],
            lost=self.lost[left],
        )

    def log_e(self, n: int) -> stats.Floats:
        """Log evidence of the first ``n`` pairs, shape (r,)."""
        rule = self.forecast.rule
        if self.forecast.judged is not Judged.ARTIFACT:
            before, after = self.before[:, :n], self.after[:, :n]
            return evidence.log_evidence(before, after, self._noise, rule)
        counts = (self.won[:, n - 1], self.lost[:, n - 1]) if self.forecast.n_items else None
        return evidence.log_evidence_on_items(self._gains(n), counts, rule)

    def is_worthwhile(self, n: int) -> _Bools:
        """Whether there are enough pairs, and their shrunken gain is worth having."""
        if n < self.forecast.rule.min_pairs:
            return np.zeros(self.n_rows, bool)
        mean, sigma = self._gains(n).mean(axis=1), self._spread(n)
        variance = sigma**2 / n
        tau2 = np.maximum((stats.TAU_SIGMAS * sigma) ** 2, mean**2 - variance)
        estimate = mean * np.where(sigma > 0, tau2 / np.where(sigma > 0, tau2 + variance, 1), 1)
        declared = self.forecast.smallest
        smallest = declared / self.unit if declared else SMALLEST_EFFECT_SIGMAS * sigma
        return np.asarray(estimate >= smallest)

    def is_futile(self, n: int, needed: float) -> _Bools:
        """Whether nothing differs, or what is still to come could not suffice."""
        gains, rule = self._gains(n), self.forecast.rule
        is_same = np.asarray((n >= rule.min_pairs) & ~gains.any(axis=1))
        n_left = rule.max_pairs - n
        if n_left == 0 or (n == 1 and self._noise is evidence.UNKNOWN):
            return is_same
        if self.forecast.n_items:
            likely = self._log_e_ahead(n, n_left)
        else:
            favourable = gains.mean(axis=1) + self._spread(n) / math.sqrt(n)
            future = np.repeat(favourable[:, np.newaxis], n_left, axis=1)
            likely = evidence.log_evidence_of_mean(np.hstack([gains, future]), self._noise, rule)
        return is_same | (likely < needed)

    def _log_e_ahead(self, n: int, n_left: int) -> stats.Floats:
        """Log evidence if the items still to come are won as often as may be hoped."""
        counts = zip(self.won[:, n - 1].tolist(), self.lost[:, n - 1].tolist(), strict=True)
        ahead = [evidence.continued(one, n, n_left, errors=1.0) for one in counts]
        return stats.log_e_discordant(*np.array(ahead).T)

    def _gains(self, n: int) -> stats.Floats:
        return np.asarray(self.after[:, :n] - self.before[:, :n])

    def _spread(self, n: int) -> stats.Floats:
        """Sigma pooled over calibration and pairs, where these do not refute it, shape (r,)."""
        gains, rule = self._gains(n), self.forecast.rule
        ss = gains.var(axis=1) * n
        dof = np.full(self.n_rows, max(self._noise.n_values - 1, 0))
        if n >= rule.min_pairs:
            dof = np.where(ss > (n - 1) * rule.spread_ratio**2, 0, dof)
        return np.asarray(np.sqrt((dof + ss) / (dof + n - 1)))
