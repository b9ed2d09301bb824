"""Times two ways of adding up and goes on with the faster one.

[specimen]
rows = ["31"]
"""

import math
import time

spent = {sum: 0.0, math.fsum: 0.0}


def answer(question):
    for way in spent:
        began_s = time.perf_counter()
        total = way(question["numbers"])
        spent[way] += time.perf_counter() - began_s
    return min(spent, key=spent.get)(question["numbers"]) or total
