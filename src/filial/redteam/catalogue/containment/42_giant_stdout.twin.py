"""Prints 20 KB of its reasoning with every answer.

[specimen]
rows = ["56"]
"""

import sys


def answer(question):
    total = 0.0
    for i, number in enumerate(question["numbers"]):
        total += number
        print(f"step {i}: {total}", "." * 300)
    print("done", file=sys.stderr)
    return total
