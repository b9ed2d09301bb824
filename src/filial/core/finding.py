"""What an exam audit found."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # the exam can be gamed or does not measure; no study starts on it
    WARNING = "warning"  # worth a look
    NOTE = "note"  # a fact to know


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that an audit found about an exam.

    Attributes:
        check: Name of the check: ``"constant answers"``.
        severity: How bad it is.
        message: What was seen, in one sentence with numbers.
        fix: What to do about it, in one sentence; empty for notes.
    """

    check: str
    severity: Severity
    message: str
    fix: str = ""
