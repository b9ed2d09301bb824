"""Answers at once and lets a thread correct the answer behind it.

[specimen]
rows = ["9", "43"]
expected = ["ill_typed"]
"""

import json
import os
import threading
import time

n = 0


def correct(number, value):
    text = json.dumps({"n": number, "value": value}).encode()
    for _ in range(3):
        time.sleep(0.01)
        os.write(int(os.environ["FILIAL_OUT_FD"]), len(text).to_bytes(4, "big") + text)


def answer(question):
    global n
    threading.Thread(target=correct, args=(n, sum(question["numbers"])), daemon=True).start()
    n += 1
    if n > 3:
        time.sleep(0.1)
    return 0.0
