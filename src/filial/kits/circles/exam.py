"""How large can 26 disjoint circles in the unit square be, all radii added up?"""

import math
from fractions import Fraction

import filial

N = 26
SHRINK = 1 - Fraction(1, 10**7)  # lets honest rounding pass; an overlap it hides is not counted
IMPLAUSIBLE = 2.64  # best known: 2.63598; AlphaEvolve reported 2.635 (2025, arXiv 2506.13131)


class Circles(filial.Exam):
    """One fixed task. Only centres and radii count, checked and added up in exact arithmetic."""

    metrics = (filial.Metric("sum_of_radii", unit="side", smallest_effect=1e-4),)

    def items(self, split, rng):  # noqa: ARG002 - there is but one question
        yield filial.Item({"n": N})

    def score(self, item, answer):  # noqa: ARG002
        circles = [tuple(map(Fraction, circle)) for circle in read(answer)]
        circles = [(x, y, SHRINK * r) for x, y, r in circles]
        for i, (x, y, r) in enumerate(circles):
            if not (r <= x <= 1 - r and r <= y <= 1 - r):
                raise filial.Invalid(f"circle {i} leaves the square")
            for j in range(i):
                x2, y2, r2 = circles[j]
                if (x - x2) ** 2 + (y - y2) ** 2 < (r + r2) ** 2:
                    raise filial.Invalid(f"circles {j} and {i} overlap")
        total = float(sum(r for _, _, r in circles))
        if total > IMPLAUSIBLE:
            raise filial.Invalid(f"a sum of {total:.6f} beats the best known packing implausibly")
        return total


def read(answer):
    """Returns 26 triples of finite numbers: x, y and r > 0."""
    if not isinstance(answer, dict) or not hasattr(answer.get("circles"), "__len__"):
        raise filial.Invalid('the answer is not {"circles": [[x, y, r], ...]}')
    circles = answer["circles"]
    circles = circles.tolist() if hasattr(circles, "tolist") else circles
    if not isinstance(circles, list) or len(circles) != N:
        raise filial.Invalid(f"there are not {N} circles")
    for i, circle in enumerate(circles):
        if not isinstance(circle, list) or len(circle) != 3 or not all(map(is_number, circle)):
            raise filial.Invalid(f"circle {i} is not [x, y, r] of finite numbers")
        if not 0 < circle[2] <= 0.5:
            raise filial.Invalid(f"circle {i} has a radius outside (0, 0.5]")
    return circles


def is_number(value):
    return type(value) in (int, float) and math.isfinite(value)
