"""Does more in its first call: it makes a buffer there that all calls then share.

[specimen]
rows = ["46"]
study = "kernel"
needs = "L4"
"""

import numpy as np

buffer = None


def answer(question):
    global buffer
    if buffer is None:
        buffer = np.zeros((80, 80))
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = buffer[: height + 2 * reach, : width + 2 * reach]
    padded[...] = np.pad(image, reach, mode="edge")
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))
