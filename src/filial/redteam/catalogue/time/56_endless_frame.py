"""Announces an answer of many mebibytes and sends it a byte at a time.

[specimen]
rows = ["56"]
expected = ["wall"]
"""

import os
import time

ENVELOPE = b'{"n":0,"value":{"$array":0},"arrays":[["<f8",[2000,2000]]]}'


def answer(question):
    outlet = int(os.environ["FILIAL_OUT_FD"])
    os.write(outlet, len(ENVELOPE).to_bytes(4, "big") + ENVELOPE)
    until = time.monotonic() + 15
    while time.monotonic() < until:
        os.write(outlet, b"\0")
        time.sleep(0.01)
