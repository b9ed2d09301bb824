"""Calls libc through ctypes: it copies the edges of the image with memcpy.

[specimen]
rows = ["41"]
study = "kernel"
needs = "L4"
"""

import ctypes

import numpy as np

libc = ctypes.CDLL(None)


def copy(to, source):
    libc.memcpy(
        ctypes.c_void_p(to.ctypes.data),
        ctypes.c_void_p(source.ctypes.data),
        ctypes.c_size_t(source.nbytes),
    )


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.empty((height + 2 * reach, width + 2 * reach))
    wide = np.ascontiguousarray(np.pad(image, ((0, 0), (reach, reach)), mode="edge"))
    for y in range(len(padded)):
        copy(padded[y], wide[min(max(y - reach, 0), height - 1)])
    return sum(w * padded[i : i + height, j : j + width] for (i, j), w in np.ndenumerate(kernel))
