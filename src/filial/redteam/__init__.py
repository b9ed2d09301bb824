"""Attacks on everything that Filial promises, and honest twins that must not be mistaken for them.

The catalogue is a folder of small candidates. Each goes the whole way of a real one: replayed
proposal, screens, build, exam, gate, ledger.
"""

from filial.redteam import tables
from filial.redteam.battery import try_all
from filial.redteam.bench import Ending, try_out
from filial.redteam.card import Count, as_json, by_class
from filial.redteam.specimen import Specimen, specimens

__all__ = [
    "Count",
    "Ending",
    "Specimen",
    "as_json",
    "by_class",
    "specimens",
    "tables",
    "try_all",
    "try_out",
]
