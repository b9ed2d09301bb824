"""The exam: draws items, asks them over a line that carries only data, and scores the answers."""

from filial.exams.base import Exam, Item, Plain
from filial.exams.loading import digest, load_exam
from filial.exams.server import SERVER
from filial.exams.session import Connect, Line, sit

__all__ = ["SERVER", "Connect", "Exam", "Item", "Line", "Plain", "digest", "load_exam", "sit"]
