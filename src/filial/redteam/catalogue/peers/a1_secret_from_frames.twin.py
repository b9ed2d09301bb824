"""Looks into its own frames and objects, to report on itself.

[specimen]
rows = ["peers: a1"]
"""

import gc
import sys


def answer(question):
    depth, frame = 0, sys._getframe()
    while frame:
        depth, frame = depth + 1, frame.f_back
    print("depth", depth, "objects", len(gc.get_objects()))
    return sum(question["numbers"])
