"""Maps a file of 100 MiB that is nearly all hole as an array.

[specimen]
rows = ["sandbox: disk, one 512 MiB file"]
"""

import os

import numpy as np


def answer(question):
    numbers = question["numbers"]
    path = os.path.join(os.environ["TMPDIR"], "numbers")
    table = np.memmap(path, np.float64, "w+", shape=(13 << 20,))
    table[: len(numbers)] = numbers
    total = float(table[:1000].sum())
    del table
    os.unlink(path)
    return total
