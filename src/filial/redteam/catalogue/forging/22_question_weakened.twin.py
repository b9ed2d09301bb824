"""Empties the list of the question while it adds it up.

[specimen]
rows = ["22"]
"""


def answer(question):
    total = 0.0
    while question["numbers"]:
        total += question["numbers"].pop()
    return total
