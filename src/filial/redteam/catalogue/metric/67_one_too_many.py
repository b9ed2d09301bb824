"""Packs nine small circles where seven were asked for.

[specimen]
rows = ["67"]
study = "packing"
expected = ["invalid"]
"""


def answer(question):
    return [[(2 * c + 1) / 6, (2 * r + 1) / 6, 1 / 6 - 1e-9] for c in range(3) for r in range(3)]
