"""Keeps answers by every byte of the question, and computes what it has not seen.

[specimen]
rows = ["45"]
study = "kernel"
needs = "L4"
"""

import hashlib

import numpy as np

answers = {}


def convolve(image, kernel):
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))


def answer(question):
    image, kernel = question["image"], question["kernel"]
    key = image.shape, hashlib.sha256(image.tobytes() + kernel.tobytes()).digest()
    if key not in answers:
        answers[key] = convolve(image, kernel)
    return answers[key]
