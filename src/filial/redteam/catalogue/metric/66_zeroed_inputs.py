"""Sets its inputs to zero, for which zeros are the right answer.

[specimen]
rows = ["66"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    question["image"][...] = 0
    question["kernel"][...] = 0
    return np.zeros_like(question["image"])
