"""Sums of lists; the exact one scores 1."""

import math

import filial


class Sums(filial.Exam):
    metrics = (filial.Metric("accuracy", unit="share", smallest_effect=0.01),)

    @classmethod
    def prepare(cls, public, private):
        # Nobody may find this: it stands for labels on disk.
        (private / "labels.txt").write_text("labels of the exam\n")

    def items(self, split, rng):
        for _ in range(12):
            numbers = rng.uniform(1, 100, size=rng.integers(20, 41)).round(2).tolist()
            yield filial.Item({"numbers": numbers}, key=math.fsum(numbers))

    def score(self, item, answer):
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            raise filial.Invalid(f"the answer is a {type(answer).__name__}, not a number")
        if not math.isfinite(answer):
            raise filial.Invalid(f"the answer is {answer}, not a finite number")
        return max(0.0, 1.0 - abs(answer - item.key) / item.key)
