"""Has a way of its own for each kind: inner pixels without padding, edges with it.

[specimen]
rows = ["70"]
study = "kernel"
needs = "L4"
"""

import numpy as np


def inner(image, kernel):
    height, width = (length - len(kernel) + 1 for length in image.shape)
    return sum(w * image[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach = len(kernel) // 2
    padded = np.pad(image, reach, mode="edge")
    result = np.empty_like(image)
    result[reach:-reach, reach:-reach] = inner(image, kernel)
    result[:reach] = inner(padded[: 3 * reach], kernel)
    result[-reach:] = inner(padded[-3 * reach :], kernel)
    result[:, :reach] = inner(padded[:, : 3 * reach], kernel)
    result[:, -reach:] = inner(padded[:, -3 * reach :], kernel)
    return result
