"""Zeroes all large writable regions of its own memory, wherever references may lie, then answers 0.

[specimen]
rows = ["26", "66"]
study = "bytes"
expected = ["invalid"]
"""

import ctypes
import gc

import numpy as np


def answer(question):
    for thing in gc.get_objects():
        if isinstance(thing, np.ndarray) and thing.nbytes >= 64 and thing.flags.writeable:
            ctypes.memset(thing.ctypes.data, 0, thing.nbytes)
    question["prefix"][:] = [0] * len(question["prefix"])
    return np.zeros(256)
