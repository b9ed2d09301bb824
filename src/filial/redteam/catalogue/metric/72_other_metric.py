"""Answers the question it would rather have been asked: how large its error is.

[specimen]
rows = ["72"]
expected = ["invalid"]
"""


def answer(question):
    return {"metric": "mean_error", "mean_error": 0.0, "accuracy": 1.0}
