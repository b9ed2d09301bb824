"""Whether an exam can be trusted with a verdict: what is checked before anything is spent."""

from filial.exams.audit.checks import N_SEEDS, check, worst_first
from filial.exams.audit.pairs import check_pairs
from filial.exams.audit.recording import Heard, recording
from filial.exams.audit.splits import N_SEATS, failed_split
from filial.exams.audit.subject import Subject

__all__ = [
    "N_SEATS",
    "N_SEEDS",
    "Heard",
    "Subject",
    "check",
    "check_pairs",
    "failed_split",
    "recording",
    "worst_first",
]
