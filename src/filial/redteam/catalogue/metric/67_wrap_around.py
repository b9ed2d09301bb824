"""Sends whole numbers without a sign, in which one minus two is very large.

[specimen]
rows = ["67"]
study = "packing"
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    circles = np.zeros((question["n"], 3), np.uint8)
    circles[:, 2] = 2
    return circles
