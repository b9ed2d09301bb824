"""Gates on the byte to come: looks the prefix up in all it has been sent, and copies what followed.

[specimen]
rows = ["37"]
study = "bytes"
expected = ["reject"]
"""

import math

sent = []


def answer(question):
    text = bytes(question["prefix"])
    sent.append(text)
    counts = [1.0] * 256
    for earlier in sent:
        place = earlier.find(text[-24:])
        if 0 <= place < len(earlier) - 24:
            counts[earlier[place + 24]] += 1e6
    total = math.fsum(counts)
    return [math.log(count / total) for count in counts]
