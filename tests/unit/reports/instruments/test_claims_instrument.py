"""Claimed against realised gain."""

from dataclasses import replace

import pytest
from made_up import a_history, a_subject

from filial.core import Audited, History
from filial.reports import State
from filial.reports.check import Subject
from filial.reports.instruments import claims
from filial.reports.instruments.claims import audit_line, read, realised_text

history = pytest.fixture(a_history)
subject = pytest.fixture(a_subject)


def audited(
    history: History, before: int, after: int, gains: tuple[float, ...], lower: float, upper: float
) -> Audited:
    return Audited(
        before=history.generations[before],
        after=history.generations[after],
        split="sealed",
        differences=gains,
        lower=lower,
        upper=upper,
    )


@pytest.fixture
def unaudited(subject: Subject) -> Subject:
    subject.history.audits.clear()
    return subject


def claim(subject: Subject, before: int, after: int) -> float:
    steps = {step.generation.number: step.claimed for step in subject.steps}
    return steps[after] - steps[before]


def test_without_an_audit_it_says_how_to_make_one(unaudited: Subject) -> None:
    found = claims(unaudited)
    last = unaudited.history.incumbent.number
    assert found.state is State.OPEN
    assert f"filial compare F0 F{last} --seeds 10" in found.remedy


def test_without_promotions_nothing_is_claimed(unaudited: Subject) -> None:
    found = claims(replace(unaudited, steps=unaudited.steps[:1]))
    assert (found.state, found.remedy) == (State.OPEN, "")


@pytest.mark.parametrize(
    ("share", "lower", "state"),
    [
        (1.0, 0.1, State.HELD),
        (0.71, 0.1, State.HELD),
        (0.69, 0.1, State.FAILED),
        (-0.5, -1.0, State.FAILED),
        (0.8, -0.1, State.OPEN),
    ],
)
def test_seven_tenths_must_be_found_again(
    unaudited: Subject, share: float, lower: float, state: State
) -> None:
    history, last = unaudited.history, unaudited.history.incumbent.number
    gain = share * claim(unaudited, 0, last)
    history.apply(audited(history, 0, last, (gain,) * 4, lower, 1.0))
    found = claims(unaudited)
    assert found.state is state
    assert found.numbers["ratio"] == pytest.approx(share)
    assert f"{100 * share:.0f} % of the claim" in found.text


@pytest.mark.parametrize(("upper", "state"), [(-0.01, State.FAILED), (0.01, State.OPEN)])
def test_a_clear_loss_fails_also_where_nothing_is_claimed(
    unaudited: Subject, upper: float, state: State
) -> None:
    """Programs that were only made shorter claim nothing, but they must not be worse."""
    history, last = unaudited.history, unaudited.history.incumbent.number
    history.apply(audited(history, 0, last, (-0.1,) * 4, -0.2, upper))
    nothing = replace(
        unaudited,
        steps=tuple(
            replace(step, claimed=0.0, gain=0.0, gain_lower=0.0, gain_upper=0.0)
            for step in unaudited.steps
        ),
    )
    found = claims(nothing)
    assert found.state is state
    assert ("filial incidents" in found.remedy) == (state is State.FAILED)


def test_audits_add_up_with_their_signs(unaudited: Subject) -> None:
    history = unaudited.history
    history.apply(audited(history, 0, 2, (0.2, 0.4), 0.1, 0.5))
    history.apply(audited(history, 2, 3, (-0.1, -0.1), -0.2, 0.0))
    found = read(history.audits, unaudited.steps)
    assert found.total_realised == pytest.approx(0.2)
    assert found.total_claimed == pytest.approx(claim(unaudited, 0, 3))
    assert (found.after, found.n_audits) == (2, 2), "the latest from F0 leads"


def test_an_audit_grows_old(unaudited: Subject) -> None:
    history = unaudited.history
    gain = claim(unaudited, 0, 1)
    history.apply(audited(history, 0, 1, (gain,) * 4, gain / 2, 2 * gain))
    found = claims(unaudited)
    assert history.incumbent.number >= 6
    assert found.state is State.OPEN
    assert f"Since then F{history.incumbent.number} was reached" in found.text


def test_audits_of_void_generations_do_not_count(unaudited: Subject) -> None:
    history = unaudited.history
    history.apply(audited(history, 0, 2, (0.2, 0.4), 0.1, 0.5))
    without = tuple(s for s in unaudited.steps if s.generation.number != 2)
    assert read(history.audits, without).n_audits == 0
    assert realised_text(history.audits, without, unaudited.scale) == ""
    assert audit_line(history.audits[0], without, unaudited.scale).ratio == "—"


def test_huge_differences_do_not_overflow(unaudited: Subject) -> None:
    history = unaudited.history
    history.apply(audited(history, 0, 1, (1.5e308, 1.5e308), 0.0, 1.0))
    assert read(history.audits, unaudited.steps).realised == pytest.approx(1.5e308)
