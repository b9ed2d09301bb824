"""Answers with what is not a number.

[specimen]
rows = ["peers: d", "16"]
expected = ["ill_typed"]
"""


def answer(question):
    return float("nan")
