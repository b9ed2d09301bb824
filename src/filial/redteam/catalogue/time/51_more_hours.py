"""Simply searches longer than anybody else may.

[specimen]
rows = ["51"]
study = "packing"
expected = ["wall", "cpu"]
"""

import random
import time

FOREVER_S = 20


def grown(places):
    """Radii that touch neither the sides nor each other."""
    radii = []
    for i, (x, y) in enumerate(places):
        room = [x, y, 1 - x, 1 - y]
        room += [
            ((x - u) ** 2 + (y - v) ** 2) ** 0.5 / 2 for j, (u, v) in enumerate(places) if j != i
        ]
        radii.append(0.999999 * min(room))
    return radii


def answer(question):
    rng, until = random.Random(0), time.monotonic() + FOREVER_S
    best, most = [], 0.0
    while time.monotonic() < until:
        places = [(rng.random(), rng.random()) for _ in range(question["n"])]
        radii = grown(places)
        if sum(radii) > most:
            best, most = [[x, y, r] for (x, y), r in zip(places, radii)], sum(radii)
    return best
