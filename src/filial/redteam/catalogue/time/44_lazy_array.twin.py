"""Builds an expression of shifted views first, and computes it before it answers.

[specimen]
rows = ["44"]
study = "kernel"
needs = "L4"
"""

from functools import cached_property

import numpy as np


class Sum:
    def __init__(self, terms):
        self.terms = terms

    @cached_property
    def value(self):
        return sum(weight * view for weight, view in self.terms)


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    views = ((w, padded[i : i + height, j : j + width]) for (i, j), w in np.ndenumerate(kernel))
    return Sum(views).value
