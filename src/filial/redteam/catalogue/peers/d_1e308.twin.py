"""Starts from infinity on the way to a minimum, as many loops do.

[specimen]
rows = ["peers: d"]
"""

import math


def answer(question):
    best, total = math.inf, 0.0
    for number in question["numbers"]:
        best = min(best, number)
        total += number
    return total if math.isfinite(best) else 0.0
