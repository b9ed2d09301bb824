"""Mixes two models with weights that add up to one.

[specimen]
rows = ["58"]
study = "bytes"
"""

import math
from collections import Counter, defaultdict

single, after = Counter(), defaultdict(Counter)


def answer(question):
    prefix = question["prefix"]
    for two in zip(prefix, prefix[1:], prefix[2:]):
        single[two[2]] += 1
        after[two[:2]][two[2]] += 1
    total, seen = sum(single.values()), after[tuple(prefix[-2:])]
    weight = sum(seen.values()) / (sum(seen.values()) + 3)
    result = []
    for byte in range(256):
        rare = (single[byte] + 0.1) / (total + 25.6)
        result.append(
            math.log(weight * seen[byte] / max(1, sum(seen.values())) + (1 - weight) * rare)
        )
    return result
