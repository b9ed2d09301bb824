"""Uses chance, but not luck: adds up in random order.

[specimen]
rows = ["71"]
"""

import random


def answer(question):
    numbers = question["numbers"][:]
    random.shuffle(numbers)
    return sum(numbers)
