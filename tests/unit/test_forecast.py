"""What the gate would make of true gains: compared with the gate itself, and with theory."""

import math
from dataclasses import replace

import numpy as np
import pytest

from filial import forecast as module
from filial.core import (
    Decision,
    Judged,
    Measurement,
    Metric,
    Noise,
    Pair,
    Split,
    Trial,
    TrialSpec,
)
from filial.forecast import POWER, Forecast
from filial.gates import Case, ConfirmationGate, Rule, evidence

ALPHA = 0.0005
"""The first of e-LORD: 2 % of a quarter of a rate of 0.10, so E must reach 2000."""


def forecast(
    rule: Rule | None = None, sigma: float = 1.0, smallest: float = 0.0, n_items: int = 0
) -> Forecast:
    return Forecast(
        rule=rule or Rule(),
        judged=Judged.ARTIFACT if n_items else Judged.RECIPE,
        sigma=sigma,
        n_values=6,
        alpha=ALPHA,
        smallest=smallest,
        n_items=n_items,
    )


def trial(value: float, items: tuple[float, ...] = ()) -> Trial:
    spec = TrialSpec(candidate="c", split=Split.CONFIRM, build_seed=0, exam_seed=0, label="l")
    found = (Measurement(metric="m", value=value, items=items),)
    return Trial(spec=spec, level="L3", measurements=found)


def passed(n_won: int, n_lost: int, n_items: int) -> Pair:
    """A pair on ``n_items`` items of which each side passes some that the other does not."""
    n_both = n_items - n_won - n_lost
    before = (0.0,) * n_won + (1.0,) * n_lost + (1.0,) * n_both
    after = (1.0,) * n_won + (0.0,) * n_lost + (1.0,) * n_both
    before_value, after_value = sum(before) / n_items, sum(after) / n_items
    return Pair(incumbent=trial(before_value, before), challenger=trial(after_value, after))


def by_the_gate(one: Forecast, gain: float) -> tuple[float, float]:
    """Share promoted and mean pairs of the same draws, each judged by the gate itself."""
    drawn = one._draw(gain, one.rule.max_pairs)
    gate = ConfirmationGate(one.rule)
    n_promoted = n_pairs = 0
    for row, sigma in enumerate(drawn.unit):
        case = Case(
            challenger="b",
            incumbent="a",
            judged=one.judged,
            primary=Metric("m", smallest_effect=one.smallest),
            guards=(),
            noise=Noise(sigma=float(sigma), n_values=one.n_values),
            alpha=one.alpha,
        )
        verdict = None
        while verdict is None:
            k = len(case.pairs)
            if one.n_items:
                won = np.diff(drawn.won[row], prepend=0)[k]
                lost = np.diff(drawn.lost[row], prepend=0)[k]
                pair = passed(int(won), int(lost), one.n_items)
            else:
                before, after = drawn.before[row, k] * sigma, drawn.after[row, k] * sigma
                pair = Pair(incumbent=trial(float(before)), challenger=trial(float(after)))
            case = replace(case, pairs=(*case.pairs, pair))
            verdict = gate.judge(case)
        n_promoted += verdict.decision is Decision.PROMOTE
        n_pairs += len(case.pairs)
    return n_promoted / drawn.n_rows, n_pairs / drawn.n_rows


@pytest.mark.parametrize(
    ("one", "gain"),
    [
        (forecast(), 1.25),
        (forecast(sigma=0.02, smallest=0.05), 0.05),  # proven soon, worthwhile or not
        (replace(forecast(), n_values=1), 2.0),  # no calibration to speak of
        (forecast(sigma=0.05, n_items=50), 0.08),
        (forecast(sigma=0.05, n_items=50, smallest=0.06), 0.06),
        (forecast(sigma=1e-6, n_items=50), 0.08),  # what A/A trials say does not matter
        (replace(forecast(), judged=Judged.ARTIFACT), 2.0),
    ],
    ids=["noise", "small noise", "unknown noise", "items", "small items", "calm", "scores"],
)
def test_it_decides_as_the_gate_does(
    monkeypatch: pytest.MonkeyPatch, one: Forecast, gain: float
) -> None:
    monkeypatch.setattr(module, "_N_ROWS", 40)
    monkeypatch.setattr(module, "_LEAST_ROWS", 1)
    found = one.chances(gain)
    assert (found.promoted, found.pairs) == pytest.approx(by_the_gate(one, gain))
    assert 0 < found.promoted < 1  # otherwise the comparison says little


def test_the_screen() -> None:
    one = forecast(Rule(screen_sigmas=1.0), sigma=0.5)
    assert one.chances(0.0).passes == pytest.approx(0.158655, abs=1e-6)  # P(N(0,1) > 1)
    assert one.chances(0.5).passes == pytest.approx(0.5)
    assert one.chances(1.0).passes == pytest.approx(1 - 0.158655, abs=1e-6)


@pytest.mark.parametrize(
    ("n_items", "sigma"), [(1, 0.5), (4, 1.0), (12, 1.0), (12, 0.05)], ids=str
)
@pytest.mark.parametrize("gain", [0.0, 0.1])
def test_the_screen_on_items(n_items: int, sigma: float, gain: float) -> None:
    """Every result there can be, as likely as it is, is shown to the gate itself."""
    one = forecast(sigma=sigma, n_items=n_items)
    share = max(0.1, 2 * gain)
    p_won, p_lost = (share + gain) / 2, (share - gain) / 2
    case = Case(
        challenger="b",
        incumbent="a",
        judged=Judged.ARTIFACT,
        primary=Metric("m"),
        guards=(),
        noise=Noise(sigma=sigma, n_values=6),
        alpha=ALPHA,
    )
    expected = 0.0
    for won in range(n_items + 1):
        for lost in range(n_items + 1 - won):
            looked = passed(won, lost, n_items)
            is_through = (
                ConfirmationGate().screen(case, looked.incumbent, looked.challenger) is None
            )
            orders = math.comb(n_items, won) * math.comb(n_items - won, lost)
            same = (1 - share) ** (n_items - won - lost)
            expected += is_through * orders * p_won**won * p_lost**lost * same
    assert one.chances(gain).passes == pytest.approx(expected, abs=0.025)


def test_the_screen_on_four_items_by_hand() -> None:
    """A tenth differ: none with 0.6561, one with 0.2916, two with 0.0486, three with 0.0036.

    A lone win is a gain of 1/4 with a standard error of 1/4 and passes, as two and three do; two
    wins and a loss are a gain of 1/4 with a standard error of 0.48.
    """
    expected = 0.2916 / 2 + 0.0486 / 4 + 0.0036 / 8 + 0.0001 * 5 / 16
    assert forecast(n_items=4).chances(0.0).passes == pytest.approx(expected, abs=0.02)


def test_the_detectable_gain_is_the_smallest_with_power() -> None:
    one = forecast()
    found = one.detectable
    assert found is not None
    assert 1.0 < found < 2.0
    assert one.chances(found).promoted >= POWER
    assert one.chances(found - 0.2).promoted < POWER


def test_chances_rise_with_the_gain() -> None:
    chances = [forecast().chances(gain) for gain in (0.0, 0.5, 1.0, 2.0, 4.0)]
    promoted = [one.promoted for one in chances]
    assert promoted == sorted(promoted)
    assert promoted[0] == 0.0
    assert promoted[-1] == 1.0
    assert chances[0].pairs < 4  # nothing to find is soon given up


def test_units_do_not_matter() -> None:
    small, large = forecast(smallest=0.5), forecast(sigma=100.0, smallest=50.0)
    assert small.detectable is not None
    assert large.detectable == pytest.approx(100 * small.detectable)
    at_one, at_hundred = small.chances(1.5), large.chances(150.0)
    assert at_hundred.sigmas == at_one.sigmas == 1.5
    assert at_hundred.promoted == at_one.promoted


def test_a_gain_must_be_worth_having() -> None:
    """Noise hardly matters here: what is not worth having is proven and not promoted."""
    one = forecast(sigma=0.001, smallest=0.1)
    below = one.chances(0.09)
    assert (below.proven, below.promoted) == (1.0, 0.0)
    assert one.detectable == pytest.approx(0.1, abs=0.002)


def test_too_few_pairs_prove_nothing() -> None:
    # Three values a side come in 20 orders, so no order is evidence of 2000 to one.
    assert forecast(Rule(max_pairs=3)).detectable is None


def test_more_pairs_find_less() -> None:
    few, many = forecast(Rule(max_pairs=8)).detectable, forecast(Rule(max_pairs=32)).detectable
    assert few is not None
    assert many is not None
    assert many < few


@pytest.mark.parametrize("gain", [1.0, 2.0])
def test_pairs_needed(gain: float) -> None:
    """Compared with other draws."""
    needed = forecast().pairs_needed(gain)
    assert needed is not None
    rng = np.random.default_rng(1)
    found = np.sqrt(rng.chisquare(5, size=(2000, 1)) / 5)  # by calibrations of six values
    scatter = rng.normal(size=(2, 2000, 100)) / math.sqrt(2)
    noise = Noise(sigma=1.0, n_values=6)

    def power(n: int) -> float:
        before, after = scatter[0, :, :n], scatter[1, :, :n] + gain
        log_e = evidence.log_evidence(before / found, after / found, noise, Rule())
        return float((log_e >= -math.log(ALPHA)).mean())

    assert power(needed + 2) > POWER - 0.03
    assert power(needed - 2) < POWER + 0.03


def test_pairs_needed_have_an_end() -> None:
    assert forecast().pairs_needed(0.1) is None


def test_items_of_larger_exams_say_more() -> None:
    few, many = forecast(sigma=0.05, n_items=50), forecast(sigma=0.05, n_items=500)
    assert few.detectable is not None
    assert many.detectable is not None
    assert many.detectable < few.detectable <= 1.0
