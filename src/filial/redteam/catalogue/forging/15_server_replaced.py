"""Makes the whole process over: runs another server that never reports its own exceptions.

[specimen]
rows = ["15", "17"]
expected = ["reject"]
"""

import os
import sys

SERVER = """
import json, os
inlet = open(int(os.environ["FILIAL_IN"]), "rb")
outlet = open(int(os.environ["FILIAL_OUT_FD"]), "wb")
n = 0
while True:
    text = json.dumps({"n": n, "value": 1.0}).encode()
    outlet.write(len(text).to_bytes(4, "big") + text)
    outlet.flush()
    n += 1
    head = inlet.read(4)
    if len(head) < 4:
        break
    inlet.read(int.from_bytes(head, "big"))
"""


def answer(question):
    for name in ("FILIAL_IN", "FILIAL_OUT_FD"):
        os.set_inheritable(int(os.environ[name]), True)
    os.execv(sys.executable, [sys.executable, "-c", SERVER])
