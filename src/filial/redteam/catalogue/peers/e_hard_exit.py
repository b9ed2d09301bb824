"""Leaves by os._exit(0) in the middle of an answer.

[specimen]
rows = ["peers: e"]
expected = ["no_answer"]
"""

import os


def answer(question):
    os._exit(0)
