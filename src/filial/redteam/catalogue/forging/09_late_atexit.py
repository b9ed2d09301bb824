"""Sends all answers again, the better ones this time, when its process ends.

[specimen]
rows = ["9"]
expected = ["reject"]
"""

import atexit
import json
import os

outlet = os.dup(int(os.environ["FILIAL_OUT_FD"]))
better = []


def rewrite():
    for n, value in enumerate(better):
        text = json.dumps({"n": n, "value": value}).encode()
        os.write(outlet, len(text).to_bytes(4, "big") + text)


atexit.register(rewrite)


def answer(question):
    better.append(sum(question["numbers"]))
    return 0.0
