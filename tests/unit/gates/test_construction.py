from dataclasses import replace

import pytest

from filial.core import Decision, Judged, Metric, Noise, Pair, Verdict
from filial.gates import Case, ConstructionGate
from filial.testing.gate_contract import LOSS, MEMORY, pairs, trial

GATE = ConstructionGate()
CASE = Case(
    challenger="new",
    incumbent="old",
    judged=Judged.CONSTRUCTION,
    primary=LOSS,
    guards=(),
    noise=Noise(sigma=0.0, n_values=0),
    alpha=0.0,
)


def judge(after: list[float], primary: Metric = LOSS) -> Verdict | None:
    return GATE.judge(replace(CASE, primary=primary, pairs=pairs([2.0] * len(after), after)))


def test_two_equal_verifications_promote_and_spend_nothing() -> None:
    assert judge([1.5]) is None
    verdict = judge([1.5, 1.5])
    assert verdict is not None
    assert verdict.decision is Decision.PROMOTE
    assert verdict.alpha == GATE.alpha(()) == 0
    assert verdict.comparison is not None
    assert (verdict.comparison.lower, verdict.comparison.upper) == (0.5, 0.5)


def test_a_worth_that_changes_is_rejected() -> None:
    verdict = judge([1.5, 1.4])
    assert verdict is not None
    assert verdict.decision is Decision.REJECT
    assert "different values" in verdict.reason


@pytest.mark.parametrize(("after", "smallest"), [(2.0, 0.0), (2.1, 0.0), (1.6, 0.5)])
def test_too_small_a_gain_is_rejected_at_once(after: float, smallest: float) -> None:
    verdict = judge([after], replace(LOSS, smallest_effect=smallest))
    assert verdict is not None
    assert verdict.decision is Decision.REJECT
    assert "wanted" in verdict.reason


def test_the_smallest_effect_itself_is_enough() -> None:
    verdict = judge([1.5, 1.5], replace(LOSS, smallest_effect=0.5))
    assert verdict is not None
    assert verdict.decision is Decision.PROMOTE


def test_any_harm_beyond_the_tolerance_is_rejected() -> None:
    heavy = Pair(incumbent=trial("old", 2.0), challenger=trial("new", 1.0, memory=100.5))
    case = replace(CASE, pairs=(heavy, heavy))
    for tolerance, decision in ((0.0, Decision.REJECT), (0.5, Decision.PROMOTE)):
        guard = replace(MEMORY, tolerance=tolerance)
        verdict = GATE.judge(replace(case, guards=(guard,)))
        assert verdict is not None
        assert verdict.decision is decision
        assert verdict.guards[0].harm == 0.5


def test_harm_since_f0_that_came_in_slices_is_rejected() -> None:
    light = Pair(
        incumbent=trial("old", 2.0, memory=109.5), challenger=trial("new", 1.0, memory=110.5)
    )
    case = replace(CASE, guards=(MEMORY,), pairs=(light, light))
    for baseline, decision in (
        ({}, Decision.PROMOTE),
        ({"memory": (100.5, 100.0)}, Decision.PROMOTE),
        ({"memory": (100.0,)}, Decision.REJECT),
    ):
        verdict = GATE.judge(replace(case, baseline=baseline))
        assert verdict is not None
        assert verdict.decision is decision
        assert ("since F0" in verdict.reason) is (decision is Decision.REJECT)


def test_a_verification_the_incumbent_failed_leaves_it_undecided() -> None:
    good = Pair(incumbent=trial("old", 2.0), challenger=trial("new", 1.0))
    lost = Pair(incumbent=trial("old", None), challenger=trial("new", 1.0))
    verdict = GATE.judge(replace(CASE, pairs=(good, lost)))
    assert verdict is not None
    assert verdict.decision is Decision.UNDECIDED


def test_one_verification_is_not_enough() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        ConstructionGate(n_verifications=1)


def test_what_is_exact_takes_no_second_thoughts() -> None:
    """No more pairs, no replication beyond its verifications, no margin."""
    verdict = judge([1.5, 1.5])
    assert verdict is not None
    assert GATE.n_replications == 0
    assert GATE.more_pairs(replace(CASE, pairs=pairs([2.0] * 2, [1.5] * 2))) == 0
    assert GATE.replicate(CASE, verdict, ()) == verdict
    assert GATE.not_worse(replace(LOSS, smallest_effect=0.5), Noise(sigma=1.0, n_values=9)) == 0


def test_a_shorter_construction_still_has_to_gain() -> None:
    verdict = GATE.judge(replace(CASE, margin=0.1, pairs=pairs([2.0], [2.0])))
    assert verdict is not None
    assert verdict.decision is Decision.REJECT
