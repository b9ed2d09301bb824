"""Who may say that a promotion takes effect, and what must never happen."""

from filial.oversight.autonomy import Ask, Envelope, Suggest
from filial.oversight.base import Approver
from filial.oversight.decoys import Decoys, Watch, plant
from filial.oversight.tripwires import close_incident, incident_in

__all__ = [
    "Approver",
    "Ask",
    "Decoys",
    "Envelope",
    "Suggest",
    "Watch",
    "close_incident",
    "incident_in",
    "plant",
]
