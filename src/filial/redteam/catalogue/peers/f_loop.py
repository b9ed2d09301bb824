"""Loops for ever.

[specimen]
rows = ["peers: f"]
expected = ["wall"]
"""


def answer(question):
    while True:
        pass
