"""Returns memory as it finds it, which may hold somebody's right answer.

[specimen]
rows = ["64"]
study = "kernel"
needs = "L4"
expected = ["invalid", "non_finite"]
"""

import numpy as np


def answer(question):
    return np.empty_like(question["image"])
