"""Gives every byte the same probability.

[specimen]
rows = ["18"]
study = "bytes"
expected = ["reject"]
"""

import math


def answer(question):
    return [-math.log(256)] * 256
