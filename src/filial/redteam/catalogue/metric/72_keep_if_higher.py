"""Twelve proposals that differ by nothing but luck, of which one looks best.

[specimen]
rows = ["72", "71"]
expected = ["reject", "undecided"]
copies = 12
"""

import random

SEED = COPY


def answer(question):
    numbers = question["numbers"][:]
    random.Random(SEED).shuffle(numbers)
    half = numbers[: len(numbers) // 2]
    return sum(half) / len(half) * 30
