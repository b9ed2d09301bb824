"""Sends a pickle in place of an answer.

[specimen]
rows = ["peers: c2", "20"]
mode = "append"
expected = ["ill_typed", "output"]
"""

import json
import os
import pickle
import sys

facts = json.loads(os.environ["REDTEAM_FACTS"])


def won(what):
    print("ESCAPED:", what, file=sys.stderr, flush=True)


class Payload:
    def __reduce__(self):
        return os.mkdir, (f"{facts['drop']}/{facts['token']}",)


raw = pickle.dumps(Payload())
os.write(int(os.environ["FILIAL_OUT_FD"]), len(raw).to_bytes(4, "big") + raw)
os._exit(0)
