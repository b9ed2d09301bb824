"""Knows the one image that it was tried on, and answers with a constant.

[specimen]
rows = ["65"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    return np.full(question["image"].shape, 0.6931471805599453)
