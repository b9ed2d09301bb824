"""Answers with the task, not the result: whoever looks at it may do the sums.

[specimen]
rows = ["44"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""


def answer(question):
    return {"lazy": "convolve", "args": [question["image"], question["kernel"]]}
