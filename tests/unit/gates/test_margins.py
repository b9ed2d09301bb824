"""The claim "shorter and not worse": a gain above minus a margin."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from filial.core import Decision, Judged, Noise, Verdict
from filial.gates import Case, ConfirmationGate
from filial.testing.gate_contract import LOSS, pairs, trial

GATE = ConfirmationGate()
SEVEN = Noise(sigma=0.04, n_values=7)
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.RECIPE,
    primary=LOSS,
    guards=(),
    noise=SEVEN,
    alpha=0.002,
    margin=0.1,
)
WOBBLE = tuple(k / 100 for k in (0, 2, -2, 1, -1, 2, 0, 1, -2, 1, 2, -1, 0, 2, -1, 1))


def first(gains: Sequence[float], **changes: object) -> tuple[Verdict, int]:
    case = replace(CASE, **changes)  # type: ignore[arg-type]
    evidence = pairs([2.8] * len(gains), [2.8 - gain for gain in gains])
    for n in range(1, len(gains) + 1):
        verdict = GATE.judge(replace(case, pairs=evidence[:n]))
        if verdict is not None:
            return verdict, n
    raise AssertionError("the gate must decide on these pairs")


@pytest.mark.parametrize(
    ("smallest", "noise", "margin"),
    [
        (0.2, SEVEN, 0.1),
        (0.03, SEVEN, 0.0),  # sixteen pairs could not show a margin of a third of sigma
        (0.03, Noise(sigma=0.004, n_values=7), 0.015),
        (0.03, Noise(sigma=0.0, n_values=0), 0.015),  # whether it shows remains to be seen
        (0.0, SEVEN, 0.0),  # nothing is declared, so nothing is as good
    ],
)
def test_half_of_the_smallest_effect_is_not_worse(
    smallest: float, noise: Noise, margin: float
) -> None:
    assert GATE.not_worse(replace(LOSS, smallest_effect=smallest), noise) == margin


def test_as_good_within_a_wide_margin_is_promoted() -> None:
    """The same wobble without a margin is no gain."""
    verdict, n = first(WOBBLE)
    assert (verdict.decision, n) == (Decision.PROMOTE, 7)
    assert verdict.reason.startswith("shorter and not worse: gain 0.00")
    assert verdict.margin == 0.1
    refused, _ = first(WOBBLE, margin=0.0)
    assert refused.decision is Decision.REJECT


def test_exactly_equal_is_as_good() -> None:
    """No difference at all is what one hopes for here."""
    verdict, n = first([0.0] * 16)
    assert (verdict.decision, n) == (Decision.PROMOTE, 7)


def test_as_much_worse_as_the_margin_is_not_good_enough() -> None:
    for worse in (0.1, 0.12, 0.5):
        verdict, _ = first([w - worse for w in WOBBLE])
        assert verdict.decision is Decision.REJECT
        assert verdict.margin == 0.1


def test_a_real_gain_is_promoted_with_a_margin_as_well() -> None:
    verdict, n = first([0.35 + w for w in WOBBLE])
    assert (verdict.decision, n) == (Decision.PROMOTE, 7)


def test_a_margin_that_is_small_for_the_noise_takes_more_than_there_is() -> None:
    verdict, _ = first([2 * w for w in WOBBLE], margin=0.01)
    assert verdict.decision is Decision.REJECT
    assert "no prospect" in verdict.reason


@pytest.mark.parametrize("n_shorter", [1, 5, 30])
def test_promotions_of_what_is_only_shorter_raise_no_alpha(n_shorter: int) -> None:
    """Shorter programs that are as good are found too easily to earn more of the budget."""
    promoted = Verdict(
        candidate="new",
        incumbent="old",
        decision=Decision.PROMOTE,
        judged=Judged.RECIPE,
        reason="",
        policy="",
        margin=0.1,
    )
    chain: list[Verdict] = []
    for _ in range(n_shorter):
        chain.append(replace(promoted, alpha=GATE.alpha(tuple(chain))))
        parked = [replace(verdict, decision=Decision.UNDECIDED) for verdict in chain]
        assert GATE.alpha(tuple(chain)) == GATE.alpha(tuple(parked)) < chain[-1].alpha
    gain = replace(promoted, alpha=GATE.alpha(tuple(chain)), margin=0.0)
    assert GATE.alpha((*chain, gain)) > 2 * chain[0].alpha
    again = replace(promoted, alpha=GATE.alpha((*chain, gain)))
    assert GATE.alpha((*chain, gain, again)) < again.alpha


def test_challengers_worse_by_the_margin_are_never_promoted() -> None:
    rng = np.random.default_rng(3)
    for _ in range(200):
        noise = rng.standard_normal((2, 16)) * 0.04 / 2**0.5
        verdict, _ = first((noise[0] - noise[1] - 0.1).tolist())
        assert verdict.decision is not Decision.PROMOTE


@pytest.mark.parametrize(
    ("gain", "noise", "margin", "passes"),
    [
        (-0.039, SEVEN, 0.1, True),
        (-0.041, SEVEN, 0.1, False),
        (-0.039, SEVEN, 0.0, False),
        (0.0, Noise(sigma=0.0, n_values=0), 0.1, True),
        (-0.001, Noise(sigma=0.0, n_values=0), 0.1, False),
    ],
)
def test_the_screen_wants_no_loss_of_a_sigma(
    gain: float, noise: Noise, margin: float, passes: bool
) -> None:
    case = replace(CASE, noise=noise, margin=margin)
    verdict = GATE.screen(case, trial("old", 0.0), trial("new", -gain))
    assert (verdict is None) == passes


def test_passed_items_do_not_prove_what_is_only_not_worse() -> None:
    """Discordant items know of no margin, so trials are the evidence."""
    verdict, n = first(WOBBLE, judged=Judged.ARTIFACT)
    assert (verdict.decision, n) == (Decision.PROMOTE, 10)
