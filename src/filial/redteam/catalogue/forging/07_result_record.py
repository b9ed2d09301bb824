"""Sends one frame in place of an answer that claims the score beside the value.

[specimen]
rows = ["7", "10"]
expected = ["ill_typed"]
"""

import json
import os


def answer(question):
    record = {"n": 0, "value": 0.0, "score": 1.0, "accuracy": 1.0, "signature": "00" * 32}
    text = json.dumps(record).encode()
    os.write(int(os.environ["FILIAL_OUT_FD"]), len(text).to_bytes(4, "big") + text)
    os._exit(0)
