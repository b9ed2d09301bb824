"""Scales the image to numbers around one before it begins, and back afterwards.

[specimen]
rows = ["60"]
study = "kernel"
needs = "L4"
"""

import numpy as np


def answer(question):
    kernel, scale = question["kernel"], np.abs(question["image"]).max()
    reach, (height, width) = len(kernel) // 2, question["image"].shape
    padded = np.pad(question["image"] / scale, reach, mode="edge")
    return scale * sum(
        w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel)
    )
