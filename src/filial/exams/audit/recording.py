"""An exam that remembers what it was answered, and how scoring went wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filial.core import Failure, FailureKind
from filial.errors import Invalid
from filial.exams.base import Exam, Item, Plain
from filial.exams.marking import place

if TYPE_CHECKING:
    import numpy as np


@dataclass(slots=True)
class Heard:
    """What an exam heard in its latest sitting.

    Attributes:
        answers: The answers that were to be scored, in order.
        raised: Type and place of what ``score`` raised, empty if it was nothing but ``Invalid``.
    """

    answers: list[Plain] = field(default_factory=list)
    raised: str = ""

    def blames_score(self, failure: Failure) -> bool:
        """Whether ``score`` caused the failure of that sitting: it raised, hung or gave no score.

        An answer that it refuses, or that is no data of the agreed form, is not its fault.
        """
        return failure.kind is FailureKind.ILL_TYPED and bool(self.answers)


def recording(exam_class: type[Exam], heard: Heard) -> type[Exam]:
    """Returns the same exam, which tells ``heard`` about its latest sitting."""

    def items(self: Exam, split: str, rng: "np.random.Generator") -> Iterable[Item]:
        heard.answers.clear()
        heard.raised = ""
        return exam_class.items(self, split, rng)

    def score(self: Exam, item: Item, answer: Plain) -> float | Mapping[str, float]:
        heard.answers.append(answer)
        try:
            return exam_class.score(self, item, answer)
        except Invalid:
            raise
        except Exception as error:
            heard.raised = place(error)
            raise

    return type(exam_class.__name__, (exam_class,), {"items": items, "score": score})
