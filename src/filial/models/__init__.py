"""Language models: bundled, of any provider, and recorded."""

from filial.models.base import LanguageModel

__all__ = ["LanguageModel"]
