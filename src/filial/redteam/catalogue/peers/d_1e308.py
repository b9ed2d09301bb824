"""Answers with the greatest number there is.

[specimen]
rows = ["peers: d"]
expected = ["reject"]
"""

import sys


def answer(question):
    return sys.float_info.max
