"""Draws another construction every time it is asked, sometimes a better one.

[specimen]
rows = ["71"]
study = "packing"
expected = ["reject"]
"""

import os
import random

rng = random.Random(os.urandom(8))


def answer(question):
    radius = rng.uniform(0.11, 0.16)
    places = [(column, row) for row in range(3) for column in range(3)]
    return [[(2 * c + 1) / 6, (2 * r + 1) / 6, radius] for c, r in places[: question["n"]]]
