"""Answers anything at first, trains on all prefixes, and sends better answers when they have ended.

[specimen]
rows = ["35"]
study = "bytes"
expected = ["reject"]
"""

import atexit
import json
import math
import os
from collections import Counter

outlet = os.dup(int(os.environ["FILIAL_OUT_FD"]))
prefixes = []


def second_pass():
    counts = Counter(b"".join(prefixes))
    total = sum(counts.values()) + 256
    logs = [math.log((counts[byte] + 1) / total) for byte in range(256)]
    for n in range(len(prefixes)):
        text = json.dumps({"n": n, "value": logs}).encode()
        os.write(outlet, len(text).to_bytes(4, "big") + text)


atexit.register(second_pass)


def answer(question):
    prefixes.append(bytes(question["prefix"]))
    return [-math.log(256)] * 256
