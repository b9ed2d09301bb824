"""Which tree the next proposal edits."""

from filial.archives.base import Archive
from filial.archives.incumbent import IncumbentArchive
from filial.archives.islands import Islands

__all__ = ["Archive", "IncumbentArchive", "Islands"]
