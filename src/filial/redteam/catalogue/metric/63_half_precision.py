"""Calculates in single precision, which is nearly right and faster.

[specimen]
rows = ["63"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    image, kernel = (question[name].astype(np.float32) for name in ("image", "kernel"))
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    result = sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))
    return result.astype(np.float64)
