"""Who writes proposals: rules, models, a file, no-op edits, known cheats, random edits of F0."""

from filial.proposers.base import Proposer
from filial.proposers.canary import Canary
from filial.proposers.control import Control
from filial.proposers.model import Model
from filial.proposers.operators import Operators
from filial.proposers.parts import Alternative, read_parts
from filial.proposers.placebo import Placebo
from filial.proposers.portfolio import choose
from filial.proposers.replay import ApplyDiff, Replay

__all__ = [
    "Alternative",
    "ApplyDiff",
    "Canary",
    "Control",
    "Model",
    "Operators",
    "Placebo",
    "Proposer",
    "Replay",
    "choose",
    "read_parts",
]
