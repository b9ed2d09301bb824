from collections.abc import Sequence
from dataclasses import fields

import pytest

from filial.core import Judged
from filial.gates import ConfirmationGate, ConstructionGate, Gate, Rule, for_judged
from filial.testing.gate_contract import GateContract

CHANGED = (
    Rule(fdr=0.05),
    Rule(min_pairs=4),
    Rule(max_pairs=12),
    Rule(screen_sigmas=0.5),
    Rule(spread_ratio=2.0),
)


class TestRecipes(GateContract):
    judged = Judged.RECIPE

    def make(self) -> Gate:
        return ConfirmationGate()

    def variants(self) -> Sequence[Gate]:
        assert len(CHANGED) == len(fields(Rule))
        return [ConfirmationGate(rule) for rule in CHANGED]


class TestArtifacts(TestRecipes):
    judged = Judged.ARTIFACT


class TestConstructions(GateContract):
    judged = Judged.CONSTRUCTION

    def make(self) -> Gate:
        return ConstructionGate()

    def variants(self) -> Sequence[Gate]:
        return [ConstructionGate(n_verifications=3)]


@pytest.mark.parametrize(
    ("judged", "kind"),
    [
        (Judged.RECIPE, ConfirmationGate),
        (Judged.ARTIFACT, ConfirmationGate),
        (Judged.CONSTRUCTION, ConstructionGate),
    ],
)
def test_what_is_judged_chooses_the_gate(judged: Judged, kind: type) -> None:
    assert type(for_judged(judged, Rule())) is kind
