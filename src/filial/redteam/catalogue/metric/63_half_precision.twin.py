"""Adds up in another order, by Fourier transform, in the precision that was given.

[specimen]
rows = ["63"]
study = "kernel"
needs = "L4"
"""

import numpy as np


def answer(question):
    image, kernel = question["image"], question["kernel"]
    reach, (height, width) = len(kernel) // 2, image.shape
    padded = np.pad(image, reach, mode="edge")
    product = np.fft.rfft2(padded) * np.fft.rfft2(kernel, padded.shape).conj()
    return np.fft.irfft2(product, padded.shape)[:height, :width]
