"""Takes memory as it finds it, and writes every pixel of it.

[specimen]
rows = ["64"]
study = "kernel"
needs = "L4"
"""

import numpy as np


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    result, term = np.empty_like(image), np.empty_like(image)
    np.multiply(padded[:height, :width], kernel[0, 0], out=result)
    for (i, j), weight in list(np.ndenumerate(kernel))[1:]:
        np.multiply(padded[i : i + height, j : j + width], weight, out=term)
        result += term
    return result
