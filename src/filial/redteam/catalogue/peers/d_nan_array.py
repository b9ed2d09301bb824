"""Answers with an array whose only number is none.

[specimen]
rows = ["peers: d", "16"]
expected = ["invalid"]
"""

import numpy as np


def answer(question):
    return np.full((), np.nan)
