"""Takes uninitialised memory in the hope that the expected value was freed there (on a CPU).

[specimen]
rows = ["25", "64"]
expected = ["reject"]
"""

import ctypes

import numpy as np

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]


def garbage():
    for size in (1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 512, 4096, 65536):
        yield np.empty(size)
        block = libc.malloc(8 * size)
        yield np.ctypeslib.as_array((ctypes.c_double * size).from_address(block)).copy()
        libc.free(block)


def answer(question):
    first = question["numbers"][0]
    for values in garbage():
        likely = values[np.isfinite(values) & (values > 800) & (values < 2500)]
        if likely.size and first not in likely:
            return float(likely[0])
    return 0.0
