"""Prints a line of its own while it adds everything up.

[specimen]
rows = ["1"]
"""


def answer(question):
    print("adding", len(question["numbers"]), "numbers")
    return sum(question["numbers"])
