"""Leaves with exit code 0 before it is asked anything.

[specimen]
rows = ["2"]
expected = ["no_answer"]
"""

import os

os._exit(0)


def answer(question):
    return 0.0
