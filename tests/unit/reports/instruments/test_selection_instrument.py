"""Dev gains against confirmed ones: honest studies raise no alarm, fitted dev items do."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from made_up import a_history, a_subject

from filial.core import Arm, Measurement, Spared
from filial.reports import State
from filial.reports.check import Subject
from filial.reports.instruments import selection
from filial.reports.instruments.selection import SelectionReading, Trying, read, weigh
from filial.testing.histories import EXAMPLE_PRIMARY

history = pytest.fixture(a_history)
subject = pytest.fixture(a_subject)


def test_who_was_spared_was_not_picked_for_a_dev_gain(subject: Subject) -> None:
    """One that lost on dev items and loses more on fresh ones shows no luck of winners."""
    before = read(subject.history, EXAMPLE_PRIMARY)
    confirmed = [
        r.verdict.candidate
        for r in subject.history.verdicts
        if r.arm is Arm.TREATMENT
        and r.verdict.alpha > 0
        and r.verdict.candidate not in subject.history.spared
    ]
    subject.history.apply(Spared(candidate=confirmed[0], reason="too small a gain"))
    after = read(subject.history, EXAMPLE_PRIMARY)
    assert after.n_confirmed == before.n_confirmed - 1
    assert after.n_tried == before.n_tried


Draw = Callable[[np.random.Generator, int], np.ndarray]

NOISES: dict[str, Draw] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "t(2)": lambda rng, n: rng.standard_t(2, size=n),
    "contaminated": lambda rng, n: rng.normal(size=n) * np.where(rng.random(n) < 0.05, 8, 1),
}
EFFECTS: dict[str, Draw] = {
    "null": lambda _, n: np.zeros(n),
    "mixed": lambda rng, n: rng.choice([0, -0.7, 0.7, 2.8], p=[0.9, 0.05, 0.04, 0.01], size=n),
    "harmful": lambda rng, n: rng.normal(-2, 1.4, size=n),
    "all good": lambda _, n: np.full(n, 2.8),
}


def study(
    rng: np.random.Generator,
    noise: Draw,
    effects: Draw,
    *,
    n: int = 300,
    sigma_is: float = 1.0,
    fitted: float = 0.0,
    by: float = 0.0,
) -> SelectionReading:
    """A study that screens at one sigma and confirms with 3 to 16 pairs, in units of noise.

    A share ``fitted`` of candidates gains ``by`` on the dev split and nothing elsewhere.
    """
    sigma = float(noise(rng, 20).std(ddof=1) * 2**0.5 * sigma_is)
    tried = []
    for effect in effects(rng, n).tolist():
        luck = float(noise(rng, 1)[0] - np.median(noise(rng, 3)))
        dev = effect + luck + (by if rng.random() < fitted else 0.0)
        if dev < sigma:
            tried.append(Trying())
            continue
        pairs = effect + noise(rng, 16) - noise(rng, 16)
        enough = 3
        while enough < 16 and 0.8 * sigma <= pairs[:enough].mean() < 4.5 * sigma / enough**0.5:
            enough += 1
        tried.append(Trying(dev=dev, gains=tuple(pairs[:enough].tolist())))
    return weigh(tried, sigma)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("effects", EFFECTS)
def test_fewer_than_one_honest_study_in_twenty_raises_an_alarm(noise: str, effects: str) -> None:
    rng = np.random.default_rng(11)
    found = [study(rng, NOISES[noise], EFFECTS[effects]) for _ in range(60)]
    assert sum(f.is_alarm for f in found) < 3


@pytest.mark.parametrize("effects", ["null", "mixed"])
def test_nor_does_one_whose_noise_was_misjudged_by_30_percent(effects: str) -> None:
    rng = np.random.default_rng(12)
    found = [study(rng, NOISES["normal"], EFFECTS[effects], sigma_is=0.7) for _ in range(60)]
    assert sum(f.is_alarm for f in found) < 3


@pytest.mark.parametrize(("fitted", "by", "n"), [(0.3, 6.0, 60), (0.1, 8.0, 150), (0.5, 4.5, 80)])
def test_candidates_that_fit_the_dev_items_are_noticed(fitted: float, by: float, n: int) -> None:
    rng = np.random.default_rng(13)
    found = [
        study(rng, NOISES["normal"], EFFECTS["null"], n=n, fitted=fitted, by=by) for _ in range(20)
    ]
    assert sum(f.is_alarm for f in found) >= 18


def test_numbers_by_hand() -> None:
    # Gaps of 1, 1, 1, 1 and 7 sigma; the last counts as 5, of which 2 are free.
    tried = [Trying(dev=float(k), gains=(k - 1.0,)) for k in (1, 2, 3, 4)]
    found = weigh([*tried, Trying(), Trying(dev=5.0, gains=(-2.0,))], 1.0)
    assert (found.n_tried, found.n_confirmed) == (6, 5)
    assert found.gap == pytest.approx(11 / 5)
    assert found.excess == pytest.approx(3.0)
    assert found.expected == pytest.approx(6 * 0.067)
    # x - mean = -2 … 2, y = 0, 1, 2, 3, -2: slope = (-0 - 1 + 3 - 4) / 10
    assert found.slope == pytest.approx(-0.2)
    assert not found.is_alarm, "one wild candidate decides nothing"


def test_winners_regress_and_that_is_no_alarm() -> None:
    rng = np.random.default_rng(14)
    found = study(rng, NOISES["normal"], EFFECTS["null"], n=2000)
    assert found.upper is not None
    assert found.upper < 0.5
    assert found.gap is not None
    assert 1.0 < found.gap < 2.0
    assert not found.is_alarm


def test_without_a_spread_there_is_no_gap() -> None:
    found = weigh([Trying(dev=1.0, gains=(1.0,))] * 6, 0.0)
    assert (found.gap, found.slope, found.excess) == (None, None, 0.0)
    assert not found.is_alarm


def test_only_treatment_candidates_count(subject: Subject) -> None:
    found = read(subject.history, subject.primary)
    n_verdicts = sum(r.arm is Arm.TREATMENT for r in subject.history.verdicts)
    assert found.n_tried == n_verdicts
    assert found.n_confirmed < n_verdicts
    assert selection(subject).state is State.HELD
    assert "no more than picking winners explains" in selection(subject).text


def test_a_study_whose_dev_items_were_learnt_fails(subject: Subject) -> None:
    history, name = subject.history, subject.primary.name
    for verdict in history.confirmations:
        if history.standings[verdict.candidate].generation is not None:
            continue  # others are screened against it on the same seed
        trials = history.standings[verdict.candidate].trials
        dev = trials["dev/0"]
        learnt = Measurement(metric=name, value=dev[name].value - 0.3)  # less is better
        trials["dev/0"] = replace(dev, measurements=(learnt,))
    found = selection(subject)
    assert found.state is State.FAILED
    assert "beyond what picking winners explains" in found.text
    assert found.remedy.startswith("Candidates fit the dev items.")
