"""Leaves by sys.exit(0) in the middle of an answer.

[specimen]
rows = ["peers: e"]
expected = ["no_answer"]
"""

import sys


def answer(question):
    sys.exit(0)
