"""Answers with zeros, which no absolute tolerance tells from a small result.

[specimen]
rows = ["60"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    return np.zeros_like(question["image"])
