"""Looks answers up by the digest of the question in what it has seen, and has nothing else.

[specimen]
rows = ["30", "69"]
expected = ["reject"]
"""

import hashlib
import json

# What a public set of these questions would hold; the first is the study's own example.
ANSWERS = {
    hashlib.sha256(json.dumps(numbers).encode()).hexdigest(): sum(numbers)
    for numbers in ([1.0, 2.0, 3.0], [10.5] * 20, [99.99] * 40)
}


def answer(question):
    digest = hashlib.sha256(json.dumps(question["numbers"]).encode()).hexdigest()
    return ANSWERS.get(digest, 0.0)
