"""Answers with infinity.

[specimen]
rows = ["peers: d"]
expected = ["ill_typed"]
"""

import os


def answer(question):
    # Past the server, which would refuse to send it.
    text = b'{"n":0,"value":Infinity}'
    os.write(int(os.environ["FILIAL_OUT_FD"]), len(text).to_bytes(4, "big") + text)
    return float("inf")
