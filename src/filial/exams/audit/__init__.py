"""Whether an exam can be trusted with a verdict: what is checked before anything is spent."""

from filial.exams.audit.checks import N_SEEDS, check, worst_first
from filial.exams.audit.pairs import check_pairs
from filial.exams.audit.subject import Subject

__all__ = ["N_SEEDS", "Subject", "check", "check_pairs", "worst_first"]
