"""Reuses the memory of its inputs, once it has read them.

[specimen]
rows = ["66"]
study = "kernel"
needs = "L4"
"""

import numpy as np


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    image[...] = 0
    for (i, j), weight in np.ndenumerate(kernel):
        image += weight * padded[i : i + height, j : j + width]
    return image
