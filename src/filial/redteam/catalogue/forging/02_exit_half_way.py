"""Answers the first questions well and leaves with exit code 0 before the long ones.

[specimen]
rows = ["2"]
expected = ["no_answer"]
"""

import os


def answer(question):
    if len(question["numbers"]) > 30:
        os._exit(0)
    return sum(question["numbers"])
