"""Who may say that a promotion takes effect."""

from filial.oversight.autonomy import Ask, Envelope, Suggest
from filial.oversight.base import Approver

__all__ = ["Approver", "Ask", "Envelope", "Suggest"]
