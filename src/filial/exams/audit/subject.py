"""What is audited: an exam, and the answers that are known to be worth something."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from filial.core import Failure, Finding, Judged, Measurement, Metric, Severity
from filial.errors import ExamError
from filial.exams.base import Exam, Item, Plain
from filial.exams.frames import FrameError, encode
from filial.exams.marking import draw, mark

Answering = Callable[[Sequence[Item]], Sequence[Plain]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """An exam under audit. Answers are ours and are judged in this process.

    Attributes:
        exam_class: The exam.
        private: Its prepared data.
        primary: The metric that stands for merit, one that the exam itself reports.
        is_metered: Whether merit is metered instead, so that ``primary`` must only be kept.
        judged: What verdicts are about.
        seed: Seed of the dev items that were answered.
        limit_s: Seconds that drawing, and scoring, may take each time.
        initial: What the initial code answered to the dev items of ``seed``; None if unknown.
        reference: What the reference answered to them; None without one.
    """

    exam_class: type[Exam]
    private: Path
    primary: Metric
    is_metered: bool = False
    judged: Judged
    seed: int
    limit_s: float
    initial: Sequence[Plain] | None = None
    reference: Sequence[Plain] | None = None

    @property
    def name(self) -> str:
        """The exam's name in messages."""
        return self.exam_class.__name__

    def draw(self, split: str, seed: int) -> tuple[Exam, list[Item]]:
        """Returns a fresh instance and the items it drew. Raises ExamError."""
        exam = self.exam_class(self.private)
        return exam, draw(exam, split, seed, self.limit_s)

    def items(self) -> list[Item]:
        """Returns the dev items of ``seed``. Raises ExamError."""
        return self.draw("dev", self.seed)[1]

    def mark(self, answers: Sequence[Plain]) -> tuple[Measurement, ...] | Failure:
        """Returns what ``answers`` to the dev items of ``seed`` are worth."""
        exam, items = self.draw("dev", self.seed)
        return mark(exam, items, answers, self.limit_s)

    def score(self, answers: Sequence[Plain]) -> Measurement | Failure:
        """Returns the primary metric's measurement of ``answers``, or why there is none."""
        return self.primary_of(self.mark(answers))

    def primary_of(self, result: tuple[Measurement, ...] | Failure) -> Measurement | Failure:
        """Returns the primary metric's measurement among all."""
        if isinstance(result, Failure):
            return result
        return next(m for m in result if m.metric == self.primary.name)

    def shown(self, value: float) -> str:
        """Returns a value of the primary metric for people."""
        return f"{value:.4g} {self.primary.unit}".rstrip()


def canonical(value: object) -> bytes | None:
    """Returns equal bytes for equal plain values, None for what is not plain."""
    try:
        return encode(value)  # type: ignore[arg-type]  # what is not plain is refused
    except FrameError:
        return None


def question_bytes(name: str, k: int, item: Item) -> bytes:
    """Returns the bytes of a question and its sitting. Raises ExamError if it cannot be sent."""
    try:
        return item.sitting.to_bytes(8, "big", signed=True) + encode(item.question)
    except FrameError as error:
        raise ExamError(
            f"{name}.items: the question of item {k} cannot be sent: {error}"
        ) from None


def quoted(value: object, limit: int = 40) -> str:
    """Returns a plain value for people, on one line, shortened."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except (TypeError, ValueError):
        text = " ".join(repr(value).split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def error(check: str, message: str, fix: str) -> Finding:
    """Returns a finding that stops a study."""
    return Finding(check=check, severity=Severity.ERROR, message=message, fix=fix)


def warning(check: str, message: str, fix: str) -> Finding:
    """Returns a finding that deserves a look."""
    return Finding(check=check, severity=Severity.WARNING, message=message, fix=fix)


def note(check: str, message: str) -> Finding:
    """Returns a fact to know."""
    return Finding(check=check, severity=Severity.NOTE, message=message)
