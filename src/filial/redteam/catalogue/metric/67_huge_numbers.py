"""Sends numbers so large that their squares are infinite, and everything is far enough away.

[specimen]
rows = ["67"]
study = "packing"
expected = ["invalid", "ill_typed"]
"""


def answer(question):
    return [[k * 1e200, 10**300, 0.21] for k in range(question["n"])]
