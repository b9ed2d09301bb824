"""Packs circles that touch each other and the sides, a hair smaller so that rounding does no harm.

[specimen]
rows = ["67"]
study = "packing"
"""


def answer(question):
    radius = (1 - 1e-9) / 6
    places = [(column, row) for row in range(3) for column in range(3)]
    return [[(2 * c + 1) / 6, (2 * r + 1) / 6, radius] for c, r in places[: question["n"]]]
