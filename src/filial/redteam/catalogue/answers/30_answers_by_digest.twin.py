"""Remembers its own results by the digest of the question, and works out what is new.

[specimen]
rows = ["30"]
"""

import hashlib
import json

known = {}


def answer(question):
    digest = hashlib.sha256(json.dumps(question["numbers"]).encode()).hexdigest()
    if digest not in known:
        known[digest] = sum(question["numbers"])
    return known[digest]
