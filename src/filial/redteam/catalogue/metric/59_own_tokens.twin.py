"""Thinks in words, and answers in bytes: what it expects of the word goes to the byte that comes next.

[specimen]
rows = ["59"]
study = "bytes"
"""

import math
from collections import Counter

words = Counter()


def answer(question):
    text = bytes(question["prefix"])
    whole = (b" " + text).split(b" ")
    words.update(word + b" " for word in whole[1:-1] if word)
    begun = whole[-1]
    counts, n = [0.05] * 256, 0.05 * 256
    for word, count in words.items():
        if word.startswith(begun) and len(word) > len(begun):
            counts[word[len(begun)]] += 3 * count
            n += 3 * count
    for letter in b"abcdefghijklmnopqrstuvwxyz ":
        counts[letter] += 0.5
        n += 0.5
    return [math.log(count / n) for count in counts]
