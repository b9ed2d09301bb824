"""Caches what it has added up, in its scratch folder.

[specimen]
rows = ["sandbox: leave caches for the next candidate"]
"""

import hashlib
import json
import os

CACHE = os.path.join(os.environ["HOME"], ".cache", "totals")
os.makedirs(CACHE, exist_ok=True)


def answer(question):
    text = json.dumps(question)
    path = os.path.join(CACHE, hashlib.sha256(text.encode()).hexdigest())
    if not os.path.exists(path):
        with open(path, "w") as file:
            json.dump(sum(question["numbers"]), file)
    with open(path) as file:
        return json.load(file)
