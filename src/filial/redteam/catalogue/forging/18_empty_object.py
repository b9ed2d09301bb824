"""Answers with an empty object, which a check for presence would take.

[specimen]
rows = ["18"]
expected = ["invalid"]
"""


def answer(question):
    return {}
