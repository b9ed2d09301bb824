"""Learns from every prefix it has been shown so far, and from nothing else, before it answers.

[specimen]
rows = ["35", "36"]
study = "bytes"
"""

import math
from collections import Counter, defaultdict

ORDERS = range(5)
counts = [defaultdict(Counter) for _ in ORDERS]


def answer(question):
    text = bytes(question["prefix"])
    for order in ORDERS:
        for end in range(order, len(text)):
            counts[order][text[end - order : end]][text[end]] += 1
    shares = [1 / 256] * 256
    for order in ORDERS:
        seen = counts[order].get(text[len(text) - order :], {})
        total = sum(seen.values())
        weight = len(seen) + 0.1
        shares = [(seen.get(b, 0) + weight * shares[b]) / (total + weight) for b in range(256)]
    return [math.log(share) for share in shares]
