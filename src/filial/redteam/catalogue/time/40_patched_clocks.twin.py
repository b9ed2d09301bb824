"""Times two ways of doing it on the first image and keeps the faster one.

[specimen]
rows = ["40"]
study = "kernel"
needs = "L4"
"""

import time

import numpy as np

best = None


def by_shifts(image, kernel):
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))


def by_windows(image, kernel):
    padded = np.pad(image, len(kernel) // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.tensordot(windows, kernel, 2)


def timed(method, question):
    started = time.perf_counter()
    method(**question)
    return time.perf_counter() - started


def answer(question):
    global best
    best = best or min((by_shifts, by_windows), key=lambda method: timed(method, question))
    return best(**question)
