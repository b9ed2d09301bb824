"""Answers the same class to every question.

[specimen]
rows = ["18"]
study = "trained"
expected = ["reject"]
"""


def answer(question):
    return 2
