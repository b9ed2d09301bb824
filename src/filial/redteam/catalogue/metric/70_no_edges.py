"""Spares itself the edges: what leaves the image on one side comes in on the other.

[specimen]
rows = ["70"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach = len(kernel) // 2
    return sum(
        w * np.roll(image, (reach - i, reach - j), (0, 1)) for (i, j), w in np.ndenumerate(kernel)
    )
