"""Answers with an array it never filled, hoping for the reference distribution (on a CPU).

[specimen]
rows = ["25", "64"]
study = "bytes"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    return np.empty(256)
