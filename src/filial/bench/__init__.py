"""Rules of promotion compared by simulation: what keeps gains, what keeps junk, and at what cost.

Everything is simulated but the gate: that is the one that studies use.
"""

from filial.bench import tables
from filial.bench.figure import draw
from filial.bench.report import Report, Table, as_json, from_json
from filial.bench.scores import Score, Tally
from filial.bench.simulation import n_streams, simulate

__all__ = [
    "Report",
    "Score",
    "Table",
    "Tally",
    "as_json",
    "draw",
    "from_json",
    "n_streams",
    "simulate",
    "tables",
]
