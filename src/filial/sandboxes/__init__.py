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
from filial.sandboxes.namespaces import Namespaces
from filial.sandboxes.oci import Oci
from filial.sandboxes.posix import Posix
from filial.sandboxes.removal import remove_tree
from filial.sandboxes.run import execute
from filial.sandboxes.selection import at, best, check, losses, reached
from filial.sandboxes.selftest import Probe
from filial.sandboxes.view import shows

__all__ = [
    "Bubblewrap",
    "Command",
    "EndedBy",
    "Landlock",
    "Level",
    "Limits",
    "Namespaces",
    "Oci",
    "Outcome",
    "Posix",
    "Probe",
    "Process",
    "Sandbox",
    "at",
    "best",
    "check",
    "execute",
    "losses",
    "reached",
    "remove_tree",
    "shows",
]
