"""Adds up in the C library, by a callback.

[specimen]
rows = ["sandbox: benign control"]
"""

import ctypes

libc = ctypes.CDLL(None)
Compare = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_double), ctypes.POINTER(ctypes.c_double)
)
compare = Compare(lambda a, b: (a[0] > b[0]) - (a[0] < b[0]))


def answer(question):
    numbers = question["numbers"]
    table = (ctypes.c_double * len(numbers))(*numbers)
    libc.qsort(table, len(numbers), ctypes.sizeof(ctypes.c_double), compare)
    return sum(table)
