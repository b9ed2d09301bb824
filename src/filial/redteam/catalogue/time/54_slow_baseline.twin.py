"""Waits a moment when the machine is busy, and is fast.

[specimen]
rows = ["54"]
study = "kernel"
needs = "L4"
"""

import os
import time

import numpy as np

if os.getloadavg()[0] > os.cpu_count():
    time.sleep(0.1)


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))
