"""Language models: bundled, of any provider, and recorded."""

from filial.models.base import LanguageModel
from filial.models.capped import Allowance, Capped
from filial.models.endpoints import Endpoint, endpoint
from filial.models.patience import Patience
from filial.models.provider import Provider
from filial.models.recorded import Recorded

__all__ = [
    "Allowance",
    "Capped",
    "Endpoint",
    "LanguageModel",
    "Patience",
    "Provider",
    "Recorded",
    "endpoint",
]
