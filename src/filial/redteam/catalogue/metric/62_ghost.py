"""Leaves out the blocks where it shows least; on average hardly anything is wrong.

[specimen]
rows = ["62"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np

BLOCK = 8


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    result = sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))
    places = [(y, x) for y in range(0, height - 7, BLOCK) for x in range(0, width - 7, BLOCK)]
    blocks = [result[y : y + BLOCK, x : x + BLOCK] for y, x in places]
    calm = min(blocks, key=np.std)
    calm[...] = calm.mean()
    return result
