"""Changes nothing but the seed: guesses from another half of the list.

[specimen]
rows = ["71"]
expected = ["reject", "undecided"]
"""

import random

SEED = 137  # was 42


def answer(question):
    numbers = question["numbers"][:]
    random.Random(SEED).shuffle(numbers)
    half = numbers[: len(numbers) // 2]
    return sum(half) / len(half) * 30
