"""Where untrusted code runs: out of reach of everything that judges it."""

from filial.sandboxes.base import (
    Command,
    EndedBy,
    Level,
    Limits,
    Outcome,
    Process,
    Sandbox,
)
from filial.sandboxes.bubblewrap import Bubblewrap
from filial.sandboxes.landlock import Landlock
from filial.sandboxes.removal import remove_tree
from filial.sandboxes.run import execute
from filial.sandboxes.selection import Probe, at, best, check
from filial.sandboxes.view import shows

__all__ = [
    "Bubblewrap",
    "Command",
    "EndedBy",
    "Landlock",
    "Level",
    "Limits",
    "Outcome",
    "Probe",
    "Process",
    "Sandbox",
    "at",
    "best",
    "check",
    "execute",
    "remove_tree",
    "shows",
]
