"""Mixes two models with weights that add up to more than one.

[specimen]
rows = ["58"]
study = "bytes"
expected = ["invalid"]
"""

import math

WEIGHTS = 0.7, 0.45  # 1.15 in all


def answer(question):
    prefix = question["prefix"]
    single, pairs = [0.5] * 256, [0.02] * 256
    for before, byte in zip([32, *prefix], prefix):
        single[byte] += 1
        if before == prefix[-1]:
            pairs[byte] += 1
    models = [[count / math.fsum(counts) for count in counts] for counts in (single, pairs)]
    return [math.log(sum(w * p for w, p in zip(WEIGHTS, shares))) for shares in zip(*models)]
