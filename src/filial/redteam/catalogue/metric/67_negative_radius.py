"""Makes room with circles of negative radius: they touch nothing, and some have a large radius for it.

[specimen]
rows = ["67"]
study = "packing"
expected = ["invalid"]
"""


def answer(question):
    return [[0.5, 0.5, 0.5]] * (question["n"] - 1) + [[0.5, 0.5, -0.5]]
