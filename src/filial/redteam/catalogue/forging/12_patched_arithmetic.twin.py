"""Replaces the built-in sum by an exact one, for its own use.

[specimen]
rows = ["12"]
"""

import builtins
import math

builtins.sum = math.fsum


def answer(question):
    return sum(question["numbers"])
