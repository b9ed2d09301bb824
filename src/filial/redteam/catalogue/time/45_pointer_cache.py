"""Keeps answers by the address of the image: the same memory, the same answer.

[specimen]
rows = ["45"]
study = "kernel"
needs = "L4"
mode = "append"
expected = ["invalid"]
"""

slowly, answers = answer, {}


def answer(question):
    key = id(question["image"])  # the same as soon as freed memory is used again
    if key not in answers:
        answers[key] = slowly(question)
    return answers[key]
