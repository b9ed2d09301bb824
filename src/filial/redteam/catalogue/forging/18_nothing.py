"""Answers None to every question.

[specimen]
rows = ["18"]
study = "trained"
expected = ["invalid"]
"""


def answer(question):
    return None
