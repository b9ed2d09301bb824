"""Writes records and perfect answers to every descriptor it inherited, and leaves with code 0.

[specimen]
rows = ["7"]
expected = ["ill_typed"]
"""

import json
import os


def frame(value):
    text = json.dumps(value).encode()
    return len(text).to_bytes(4, "big") + text


RECORDS = [
    {"n": n, field: value}
    for n in range(40)
    for field, value in (("value", 1e3), ("score", 1.0), ("measurements", {"accuracy": 1.0}))
]


def answer(question):
    forged = b"".join(map(frame, RECORDS))
    for name in os.listdir("/proc/self/fd"):
        try:
            os.write(int(name), forged)
        except OSError:
            pass
    os._exit(0)
