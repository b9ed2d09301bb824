"""Answers in tokens of its own, a space and a byte at a time, so that fewer of them count.

[specimen]
rows = ["59"]
study = "bytes"
expected = ["invalid"]
"""

import math


def answer(question):
    tokens = 512  # each byte with and without a space before it
    return [math.log(1 / 27)] * 27 + [-60.0] * (tokens - 27)
