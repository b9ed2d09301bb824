"""Rewrites the question to an empty list, whose sum is 0, and answers that one.

[specimen]
rows = ["22", "66"]
expected = ["reject"]
"""


def answer(question):
    question["numbers"].clear()
    question["key"] = question["tolerance"] = 0.0
    return sum(question["numbers"])
