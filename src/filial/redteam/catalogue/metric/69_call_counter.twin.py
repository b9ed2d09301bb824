"""Counts its calls, and has an extra way for long lists; both are right.

[specimen]
rows = ["69"]
"""

import math

n_calls = 0


def answer(question):
    global n_calls
    n_calls += 1
    numbers = question["numbers"]
    return math.fsum(numbers) if len(numbers) > 30 else float(sum(numbers))
