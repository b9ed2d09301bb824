"""Says at length what it does, on both streams.

[specimen]
rows = ["56"]
"""

import sys


def answer(question):
    total = 0.0
    for number in question["numbers"]:
        total += number
        print(f"added {number}, which makes {total}; " * 4)
        print(f"progress: {total}", file=sys.stderr)
    return total
