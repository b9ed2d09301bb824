"""Answers with a float of a class of its own, which compares with a tolerance.

[specimen]
rows = ["3"]
"""

import math


class Rounded(float):
    __hash__ = float.__hash__

    def __eq__(self, other):
        return math.isclose(self, other, rel_tol=1e-9)


def answer(question):
    return Rounded(math.fsum(question["numbers"]))
