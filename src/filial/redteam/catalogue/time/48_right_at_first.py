"""Is right for ten calls, and then leaves out what costs time.

[specimen]
rows = ["48"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np

n_calls = 0


def answer(question):
    global n_calls
    n_calls += 1
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    terms = np.ndenumerate(kernel) if n_calls <= 10 else [((reach, reach), kernel[reach, reach])]
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in terms)
