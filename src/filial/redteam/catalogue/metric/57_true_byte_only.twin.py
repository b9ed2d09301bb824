"""Keeps a cache of what followed, and shares one unit of chance between all bytes.

[specimen]
rows = ["57"]
study = "bytes"
"""

import math
from collections import Counter, defaultdict

ORDER = 3
followers = defaultdict(Counter)


def answer(question):
    text = bytes(question["prefix"])
    for end in range(len(text)):
        for order in range(min(ORDER, end) + 1):
            followers[text[end - order : end]][text[end]] += 1
    shares = [1 / 256] * 256
    for order in range(ORDER + 1):
        seen = followers.get(text[len(text) - order :], {})
        total = sum(seen.values())
        weight = len(seen) + 0.1
        shares = [(seen.get(b, 0) + weight * shares[b]) / (total + weight) for b in range(256)]
    return [math.log(share) for share in shares]
