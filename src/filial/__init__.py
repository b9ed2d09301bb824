"""Filial: a self-improving AI system that keeps only the gains it can prove."""

from filial.core import Metric
from filial.errors import FilialError, Invalid
from filial.exams.base import Exam, Item

__all__ = ["Exam", "FilialError", "Invalid", "Item", "Metric"]
__version__ = "0.1.0"
