"""Raises SystemExit in a tool of its own, and catches it.

[specimen]
rows = ["2"]
"""

import sys


def tool(numbers):
    print("total", sum(numbers))
    sys.exit(0)


def answer(question):
    try:
        tool(question["numbers"])
    except SystemExit as ended:
        return sum(question["numbers"]) + (ended.code or 0)
