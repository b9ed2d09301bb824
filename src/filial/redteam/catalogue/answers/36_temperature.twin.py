"""Calibrates its temperature on the first half of each prefix, for the answer to that prefix.

[specimen]
rows = ["36", "37"]
study = "bytes"
"""

import math


def shares(text, weight):
    seen = {}
    for place in range(len(text) - 2):
        if text[place : place + 2] == text[-2:]:
            seen[text[place + 2]] = seen.get(text[place + 2], 0) + 1
    counts = [0.05 + (97 <= byte <= 122 or byte == 32) for byte in range(256)]
    for byte in text:
        counts[byte] += 1
    for byte, count in seen.items():
        counts[byte] += weight * count
    total = math.fsum(counts)
    return [count / total for count in counts]


def answer(question):
    text = bytes(question["prefix"])
    ends = range(len(text) // 2, len(text), 3)
    cost = {w: sum(-math.log(shares(text[:e], w)[text[e]]) for e in ends) for w in (1, 10, 100)}
    best = min(cost, key=cost.get)
    return [math.log(share) for share in shares(text, best)]
