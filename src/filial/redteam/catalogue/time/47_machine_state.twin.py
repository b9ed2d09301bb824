"""Is nice to others, and keeps to one of the cores it was given.

[specimen]
rows = ["47"]
study = "kernel"
needs = "L4"
"""

import os
from contextlib import suppress

import numpy as np

with suppress(OSError):
    os.nice(3)
with suppress(OSError):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))
