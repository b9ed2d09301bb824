"""What a study measures about itself, one module an instrument: numbers first, then a sentence."""

from filial.reports.instruments.arms import canaries, placebos
from filial.reports.instruments.claims import claims
from filial.reports.instruments.control import control
from filial.reports.instruments.error_budget import error_budget
from filial.reports.instruments.incumbents import incumbents
from filial.reports.instruments.isolation import isolation
from filial.reports.instruments.noise import noise
from filial.reports.instruments.panel import panel
from filial.reports.instruments.screens import screens
from filial.reports.instruments.selection import selection

INSTRUMENTS = (
    noise,
    placebos,
    canaries,
    claims,
    control,
    selection,
    incumbents,
    screens,
    error_budget,
    panel,
    isolation,
)
"""All of them, those without which there is no trust first."""

__all__ = [
    "INSTRUMENTS",
    "canaries",
    "claims",
    "control",
    "error_budget",
    "incumbents",
    "isolation",
    "noise",
    "panel",
    "placebos",
    "screens",
    "selection",
]
