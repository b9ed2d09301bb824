"""Uses NaN for missing values of its own and skips them.

[specimen]
rows = ["16"]
"""

import numpy as np


def answer(question):
    numbers = np.full(64, np.nan)
    numbers[: len(question["numbers"])] = question["numbers"]
    return np.nansum(numbers)
