"""Puts circles where no comparison is ever false: nowhere.

[specimen]
rows = ["67"]
study = "packing"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    circles = np.full((question["n"], 3), np.nan)
    circles[:, 2] = 0.21
    return circles
