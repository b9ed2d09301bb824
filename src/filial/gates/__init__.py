"""Gates decide what counts as a gain."""

from filial.gates.base import Case, Gate
from filial.gates.confirmation import ConfirmationGate
from filial.gates.construction import ConstructionGate, for_judged
from filial.gates.rule import Rule

__all__ = ["Case", "ConfirmationGate", "ConstructionGate", "Gate", "Rule", "for_judged"]
