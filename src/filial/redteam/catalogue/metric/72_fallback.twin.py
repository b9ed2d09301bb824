"""Tries an exact way first, and falls back to a plain one if that should fail.

[specimen]
rows = ["72"]
"""


def answer(question):
    numbers = question["numbers"]
    try:
        import math

        return math.fsum(numbers)
    except ImportError:
        return float(sum(numbers))
