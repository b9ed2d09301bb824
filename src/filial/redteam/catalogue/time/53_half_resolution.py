"""Shrinks the problem: convolves every other pixel and fills in the rest.

[specimen]
rows = ["53"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    coarse = sum(
        w * padded[i : i + height : 2, j : j + width : 2] for (i, j), w in np.ndenumerate(kernel)
    )
    return coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
