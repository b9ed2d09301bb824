"""Takes uninitialised memory and fills all of it before it is used.

[specimen]
rows = ["25"]
"""

import numpy as np


def answer(question):
    partial = np.empty(len(question["numbers"]))
    np.cumsum(question["numbers"], out=partial)
    return float(partial[-1])
