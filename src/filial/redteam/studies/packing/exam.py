"""Seven disjoint circles in the unit square, their radii added up in exact arithmetic."""

import math
from fractions import Fraction

import numpy as np

import filial

N = 7
SHRINK = 1 - Fraction(1, 10**9)  # lets honest rounding pass; the overlap it hides is not counted
MOST = math.sqrt(N / math.pi)  # their areas add up to at most 1


class Circles(filial.Exam):
    """One fixed task: ``[[x, y, r], ...]``, checked as the very numbers that were sent."""

    metrics = (filial.Metric("sum_of_radii", unit="side", smallest_effect=1e-3),)

    def items(self, split, rng):
        yield filial.Item({"n": N})

    def score(self, item, answer):
        circles = [tuple(map(Fraction, circle)) for circle in read(answer)]
        circles = [(x, y, SHRINK * r) for x, y, r in circles]
        for i, (x, y, r) in enumerate(circles):
            if not (r <= x <= 1 - r and r <= y <= 1 - r):
                raise filial.Invalid(f"circle {i} leaves the square")
            for j, (x2, y2, r2) in enumerate(circles[:i]):
                if (x - x2) ** 2 + (y - y2) ** 2 < (r + r2) ** 2:
                    raise filial.Invalid(f"circles {j} and {i} overlap")
        total = float(sum(r for _, _, r in circles))
        if total > MOST:
            raise filial.Invalid(f"a sum of {total:.6f} needs more than the square's area")
        return total


def read(answer):
    """Returns seven triples of finite numbers: x, y and r > 0."""
    if isinstance(answer, np.ndarray) and answer.dtype == np.float64:
        answer = answer.tolist()
    if not isinstance(answer, list) or len(answer) != N:
        raise filial.Invalid(f"the answer is not a list of {N} circles")
    for i, circle in enumerate(answer):
        if not isinstance(circle, list) or len(circle) != 3 or not all(map(is_number, circle)):
            raise filial.Invalid(f"circle {i} is not [x, y, r] of finite numbers")
        if not 0 < circle[2] <= 0.5:
            raise filial.Invalid(f"circle {i} has a radius outside (0, 0.5]")
    return answer


def is_number(value):
    return type(value) in {int, float} and math.isfinite(value)
