"""The exam seam: what a user writes to say what "better" means."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeAlias, Union

from filial.core import Metric

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Plain: TypeAlias = Union[
    bool,
    int,
    float,
    str,
    "list[Plain]",
    "dict[str, Plain]",
    "npt.NDArray[np.generic]",
    None,
]
"""What may cross between exam and candidate: JSON values and numeric arrays, nothing else."""


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    Attributes:
        question: What the candidate gets.
        key: Whatever ``score`` needs to judge the answer. It never leaves the examiner.
        sitting: Items of different sittings are answered by different, fresh processes that share
            nothing, so that one cannot remember what the other was asked.
        cluster: Items of one trial that share this name are one piece of evidence, such as all
            questions about one text. By default each different question is one.
    """

    question: Plain
    key: object = None
    sitting: int = 0
    cluster: str = ""


class Exam(ABC):
    """Draws items and scores answers, on the trusted side.

    An instance lives for one trial. Subclass it in the study's ``exam.py``::

        class Sums(filial.Exam):
            metrics = [filial.Metric("accuracy", unit="share", smallest_effect=0.02)]

            def items(self, split, rng):
                for _ in range(32):
                    numbers = rng.integers(0, 100, size=5).tolist()
                    yield filial.Item({"numbers": numbers}, key=sum(numbers))

            def score(self, item, answer):
                return float(isinstance(answer, int) and answer == item.key)

    Attributes:
        metrics: What is measured; a metric's value is the mean over the items that report it.
        sealed_items: How many different items the sealed split can draw; 0 if without end. What is
            finite wears out with every look.
        private: Folder with the exam's own data, as left by ``prepare``; no candidate sees it.
    """

    metrics: ClassVar[Sequence[Metric]]
    sealed_items: ClassVar[int] = 0

    def __init__(self, private: Path) -> None:
        self.private = private

    @classmethod
    def prepare(cls, public: Path, private: Path) -> None:
        """Writes data files, once, when the study is opened; both folders exist and are empty.

        Args:
            public: What builds may read (FILIAL_DATA in the sandbox): training data.
            private: What only the exam may read: held-out data.
        """

    @classmethod
    def masks(cls, private: Path) -> Mapping[Path, Path | None]:  # noqa: ARG003 - for subclasses
        """Returns what candidates must not see of what every sandbox shows, such as sources.

        Args:
            private: The folder that ``prepare`` wrote to, for files to show instead.

        Returns:
            A path of the machine to what is shown in its place: a file for a file, a folder for a
            folder, None for nothing.
        """
        return {}

    @abstractmethod
    def items(self, split: str, rng: "np.random.Generator") -> Iterable[Item]:
        """Returns fresh items of ``split`` (``"dev"``, ``"confirm"`` or ``"sealed"``).

        ``rng`` is the only source of chance: the same state must give the same items.
        """

    @abstractmethod
    def score(self, item: Item, answer: Plain) -> float | Mapping[str, float]:
        """Returns the score of one answer: a number, or one for each metric it speaks to.

        Called in the order of ``items``, whatever order they were asked in. An answer may be any
        ``Plain`` value. Any other exception than ``Invalid`` is taken for an answer that cannot be
        scored, and the whole trial counts as a failure, too; if the initial code's own answers
        raise it, the study does not start.

        Raises:
            Invalid: The answer breaks the rules; the whole trial counts as a failure.
        """
