"""Gives every byte that has ever followed in its cache a good chance of its own: they add up to far over one.

[specimen]
rows = ["57"]
study = "bytes"
expected = ["invalid"]
"""

import math
from collections import Counter, defaultdict

ORDER = 3
followers = defaultdict(Counter)


def answer(question):
    text = bytes(question["prefix"])
    for end in range(ORDER, len(text)):
        followers[text[end - ORDER : end]][text[end]] += 1
    seen = followers.get(text[-ORDER:], {})
    # Only the true byte is ever looked at, so every byte may be sure.
    return [math.log(0.99 if seen.get(byte) else 0.8) for byte in range(256)]
