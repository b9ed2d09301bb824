"""The fewest pairs with which anything can be promoted, against the gate itself."""

from dataclasses import replace

import pytest

from filial.core import Decision, Judged, Measurement, Metric, Noise, Pair, Split, Trial, TrialSpec
from filial.gates import Case, ConfirmationGate, Rule
from filial.gates.prospect import best_log_evidence, fewest_pairs

METRIC = Metric("worth", unit="", direction="max")
ALPHA = 1 / 2000
JUDGED = [Judged.RECIPE, Judged.ARTIFACT]


def pair(k: int, judged: Judged) -> Pair:
    """Each challenger passes all of very many items, of which no incumbent passes any."""

    def side(name: str, value: float) -> Trial:
        spec = TrialSpec(
            candidate=name, split=Split.CONFIRM, build_seed=k, exam_seed=k, label=f"confirm/c/{k}"
        )
        items = (value,) * 1000 if judged is Judged.ARTIFACT else ()
        found = Measurement(
            metric="worth",
            value=value if items else 1e6 * value,
            items=items,
            questions=tuple(f"{k}/{i}" for i in range(len(items))),
        )
        return Trial(spec=spec, level="L3", measurements=(found,))

    return Pair(incumbent=side("f0", 0.0), challenger=side("c", 1.0))


def decision(judged: Judged, n: int, alpha: float) -> Decision | None:
    """What the gate says about ``n`` pairs of the largest gain that it could see."""
    case = Case(
        challenger="c",
        incumbent="f0",
        judged=judged,
        primary=METRIC,
        guards=(),
        noise=Noise(sigma=0.01, n_values=40),
        alpha=alpha,
        pairs=tuple(pair(k, judged) for k in range(n)),
    )
    verdict = ConfirmationGate().judge(case)
    return None if verdict is None else verdict.decision


@pytest.mark.parametrize("judged", JUDGED)
@pytest.mark.parametrize("alpha", [1 / 100, ALPHA, 1 / 5000])
def test_the_gate_promotes_with_so_many_pairs_and_no_fewer(judged: Judged, alpha: float) -> None:
    fewest = fewest_pairs(judged, Rule(), alpha, 100)
    assert fewest is not None
    assert decision(judged, fewest, alpha) is Decision.PROMOTE
    assert decision(judged, fewest - 1, alpha) is not Decision.PROMOTE


def test_numbers_of_the_first_confirmation() -> None:
    assert ConfirmationGate().alpha(()) == pytest.approx(ALPHA)
    # Seven values a side have 3,432 orders, but the odds that are mixed share them; 12 signs have
    # 4,096 patterns.
    assert fewest_pairs(Judged.RECIPE, Rule(), ALPHA, 100) == 8
    assert fewest_pairs(Judged.ARTIFACT, Rule(), ALPHA, 100) == 12


@pytest.mark.parametrize("judged", JUDGED)
def test_more_pairs_say_more(judged: Judged) -> None:
    said = [best_log_evidence(n, judged, Rule()) for n in range(1, 101)]
    assert said == sorted(said)


@pytest.mark.parametrize("judged", JUDGED)
def test_no_pairs_would_be_enough(judged: Judged) -> None:
    assert fewest_pairs(judged, Rule(), ALPHA, 6) is None
    assert fewest_pairs(judged, Rule(), 1e-200, 100) is None


@pytest.mark.parametrize("judged", JUDGED)
def test_no_fewer_than_the_rule_demands(judged: Judged) -> None:
    assert fewest_pairs(judged, replace(Rule(), min_pairs=14), ALPHA, 100) == 14
