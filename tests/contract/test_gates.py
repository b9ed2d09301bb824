from collections.abc import Sequence
from dataclasses import fields, replace

import pytest

from filial.core import Judged
from filial.gates import ConfirmationGate, ConstructionGate, Gate, Rule, for_judged
from filial.testing.gate_contract import GateContract

CHANGED = {
    "fdr": 0.05,
    "min_pairs": 4,
    "max_pairs": 16,
    "screen_sigmas": 0.5,
    "fixed_sigma_from": 30,
    "inflation": 1.2,
    "spread_ratio": 2.0,
}


class TestRecipes(GateContract):
    judged = Judged.RECIPE

    def make(self) -> Gate:
        return ConfirmationGate()

    def variants(self) -> Sequence[Gate]:
        assert CHANGED.keys() == {field.name for field in fields(Rule)}
        return [ConfirmationGate(replace(Rule(), **{k: v})) for k, v in CHANGED.items()]


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
