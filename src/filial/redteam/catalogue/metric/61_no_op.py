"""Does nothing: returns the image, in case the reference does not depend on it either.

[specimen]
rows = ["61"]
study = "kernel"
needs = "L4"
expected = ["invalid"]
"""


def answer(question):
    return question["image"] * question["kernel"].sum()
