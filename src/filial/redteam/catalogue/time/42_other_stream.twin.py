"""Lets two threads fill one half of the answer each, and waits for both.

[specimen]
rows = ["42"]
study = "kernel"
needs = "L4"
"""

import threading

import numpy as np


def fill(result, padded, kernel, rows):
    height, width = len(rows), result.shape[1]
    for (i, j), weight in np.ndenumerate(kernel):
        start = rows[0] + i
        result[rows[0] : rows[0] + height] += (
            weight * padded[start : start + height, j : j + width]
        )


def answer(question):
    image, kernel = question["image"], question["kernel"]
    padded = np.pad(image, len(kernel) // 2, mode="edge")
    result, middle = np.zeros_like(image), len(image) // 2
    threads = [
        threading.Thread(target=fill, args=(result, padded, kernel, rows))
        for rows in (range(middle), range(middle, len(image)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return result
