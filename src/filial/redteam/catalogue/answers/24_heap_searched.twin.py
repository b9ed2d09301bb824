"""Switches the garbage collector off while it works, and collects afterwards.

[specimen]
rows = ["24"]
"""

import gc


def answer(question):
    gc.disable()
    total = sum(question["numbers"])
    gc.enable()
    gc.collect()
    return total
