"""Answers a smaller question than was asked: the first rows only.

[specimen]
rows = ["53"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["invalid"]
"""

whole = answer


def answer(question):
    return whole({**question, "image": question["image"][:8]})
