"""How close does a program come to the sum of a list?"""

import math

import filial


class Sums(filial.Exam):
    """Lists of 20 to 40 numbers. The exact sum scores 1; one that is off by all of it scores 0."""

    metrics = (
        filial.Metric("accuracy", unit="share", smallest_effect=0.01, lowest=0.0, highest=1.0),
    )

    def items(self, split, rng):  # noqa: ARG002 - fresh lists are alike in every split
        for _ in range(24):
            numbers = rng.uniform(1, 100, size=rng.integers(20, 41)).round(2).tolist()
            yield filial.Item({"numbers": numbers}, key=math.fsum(numbers))

    def score(self, item, answer):
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            raise filial.Invalid(f"the answer is a {type(answer).__name__}, not a number")
        if not math.isfinite(answer):
            raise filial.Invalid(f"the answer is {answer}, not a finite number")
        return max(0.0, 1.0 - abs(answer - item.key) / item.key)
