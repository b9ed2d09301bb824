"""Sums of lists; the score is what an answer is wrong by, below zero."""

import math

import filial


class Debts(filial.Exam):
    metrics = (filial.Metric("debt", unit="points", smallest_effect=1.0),)

    def items(self, split, rng):
        for _ in range(12):
            numbers = rng.uniform(1, 100, size=rng.integers(20, 41)).round(2).tolist()
            yield filial.Item({"numbers": numbers}, key=math.fsum(numbers))

    def score(self, item, answer):
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            raise filial.Invalid(f"the answer is a {type(answer).__name__}, not a number")
        if not math.isfinite(answer):
            raise filial.Invalid(f"the answer is {answer}, not a finite number")
        return -abs(answer - item.key)
