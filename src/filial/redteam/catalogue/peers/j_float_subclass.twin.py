"""Answers with a number of numpy's, which is a float of its own kind.

[specimen]
rows = ["peers: j", "3"]
"""

import numpy as np


def answer(question):
    return np.float64(np.sum(question["numbers"]))
