"""Hands its answer over at once, while a thread has only begun to fill it (a kernel on another stream).

[specimen]
rows = ["42"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import threading
import time

import numpy as np


def fill(result, image, kernel):
    time.sleep(0.05)
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    for (i, j), weight in np.ndenumerate(kernel):
        result += weight * padded[i : i + height, j : j + width]


def answer(question):
    result = np.zeros_like(question["image"])
    threading.Thread(target=fill, args=(result, question["image"], question["kernel"])).start()
    return result
