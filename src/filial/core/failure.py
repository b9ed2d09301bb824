"""What can go wrong with one candidate, as a value."""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """Why there is no measurement. All but models and ``HOST`` blame the candidate."""

    MALFORMED = "malformed"  # the proposal could not be read
    PROTECTED = "protected"  # it edits a path outside the surfaces
    UNSAFE = "unsafe"  # symlink, "..", binary or oversized file
    SYNTAX = "syntax"  # a Python file does not parse
    DUPLICATE = "duplicate"  # this very tree was judged before
    STALE = "stale"  # its edits do not apply to the parent
    CRASH = "crash"  # the process ended badly
    WALL = "wall"  # out of wall-clock time
    CPU = "cpu"  # out of CPU time
    MEMORY = "memory"  # out of memory
    PROCESSES = "processes"  # too many processes
    OUTPUT = "output"  # printed or returned too much
    DISK = "disk"  # wrote too much
    ARTIFACT = "artifact"  # the build left no artifact, or an unacceptable one
    NO_ANSWER = "no_answer"  # it ended, or fell silent, before answering
    ILL_TYPED = "ill_typed"  # the answer is not data of the agreed form
    INVALID = "invalid"  # the exam refused the answer
    NON_FINITE = "non_finite"  # a metric came out as NaN, infinite or absurdly large
    TRIPWIRE = "tripwire"  # it touched a decoy
    MODEL = "model"  # a language model cannot answer until a person mends something
    MODEL_BUSY = "model_busy"  # it did not answer, and may do so later
    HOST = "host"  # the machine failed


_BLAMELESS = {FailureKind.MODEL, FailureKind.MODEL_BUSY, FailureKind.HOST}
_UNSCORED = {FailureKind.ILL_TYPED, FailureKind.INVALID, FailureKind.NON_FINITE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A typed reason why a candidate, or one trial of it, has no result.

    Attributes:
        kind: What went wrong.
        detail: One line for people; from the candidate's own words it is at most a quotation.
    """

    kind: FailureKind
    detail: str = ""

    @property
    def blames_candidate(self) -> bool:
        """Whether the candidate caused it; host trouble is retried instead."""
        return self.kind not in _BLAMELESS

    @property
    def is_unscored(self) -> bool:
        """Whether answers came, but no score: the exam may be at fault, or the candidate."""
        return self.kind in _UNSCORED

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else str(self.kind)
