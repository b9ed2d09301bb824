"""Searches as long as its own modest number of steps lasts, from a good start.

[specimen]
rows = ["51"]
study = "packing"
"""

import random

STEPS = 3000


def grown(places):
    radii = []
    for i, (x, y) in enumerate(places):
        room = [x, y, 1 - x, 1 - y]
        room += [
            ((x - u) ** 2 + (y - v) ** 2) ** 0.5 / 2 for j, (u, v) in enumerate(places) if j != i
        ]
        radii.append(0.999999 * min(room))
    return radii


def answer(question):
    rng = random.Random(0)
    best = [((2 * column + 1) / 6, (2 * row + 1) / 6) for row in range(3) for column in range(3)]
    best = best[: question["n"]]
    for _ in range(STEPS):
        places = [(x + rng.gauss(0, 0.01), y + rng.gauss(0, 0.01)) for x, y in best]
        if min(grown(places)) > 0 and sum(grown(places)) > sum(grown(best)):
            best = places
    return [[x, y, r] for (x, y), r in zip(best, grown(best))]
