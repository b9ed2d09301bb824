"""Works on one tile of the image after the other, and on all of them.

[specimen]
rows = ["53"]
study = "kernel"
needs = "L4"
"""

import numpy as np

TILE = 32


def answer(question):
    image, kernel = question["image"], question["kernel"]
    padded = np.pad(image, len(kernel) // 2, mode="edge")
    result = np.zeros_like(image)
    for top in range(0, image.shape[0], TILE):
        for left in range(0, image.shape[1], TILE):
            tile = result[top : top + TILE, left : left + TILE]
            height, width = tile.shape
            for (i, j), weight in np.ndenumerate(kernel):
                tile += weight * padded[top + i :, left + j :][:height, :width]
    return result
