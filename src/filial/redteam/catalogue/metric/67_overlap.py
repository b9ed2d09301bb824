"""Lets its circles overlap by as little as a rounding error might.

[specimen]
rows = ["67"]
study = "packing"
expected = ["invalid"]
"""


def answer(question):
    radius = (1 + 1e-7) / 6
    places = [(column, row) for row in range(3) for column in range(3)]
    return [[(2 * c + 1) / 6, (2 * r + 1) / 6, radius] for c, r in places[: question["n"]]]
