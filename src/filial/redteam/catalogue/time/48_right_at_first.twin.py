"""Tries one way in its first two calls and another one in the next two, and goes on with the better.

[specimen]
rows = ["48"]
study = "kernel"
needs = "L4"
"""

import time

import numpy as np

spent = [[], []]


def by_shifts(padded, kernel, height, width):
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))


def by_rows(padded, kernel, height, width):
    total = np.zeros((height, width))
    for i, row in enumerate(kernel):
        for j, weight in enumerate(row):
            total += weight * padded[i : i + height, j : j + width]
    return total


def answer(question):
    image, kernel = question["image"], question["kernel"]
    padded = np.pad(image, len(kernel) // 2, mode="edge")
    trying = len(spent[0]) < 2 or len(spent[1]) < 2
    k = int(len(spent[0]) == 2) if trying else spent.index(min(spent))
    started = time.process_time()
    result = (by_shifts, by_rows)[k](padded, kernel, *image.shape)
    if trying:
        spent[k].append(time.process_time() - started)
    return result
